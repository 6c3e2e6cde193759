"""What the configuration file says: `configuration.py` reads all of it, `layers.py` decides which value counts.

Nothing here knows a single option: the commands are given, and their options say what is a key.
"""
