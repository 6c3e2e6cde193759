"""What driver and workers agree on: what an engine must do, what travels, and when a lease is over.

Read `engine.py` first, then `messages.py`.
"""
