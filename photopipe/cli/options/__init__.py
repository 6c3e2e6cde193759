"""What can be typed after a command: options, their values, the configuration file, and secrets.

In: what was typed, the environment, the configuration file. Out: `Settings`. Read `run_options.py` first.
"""
