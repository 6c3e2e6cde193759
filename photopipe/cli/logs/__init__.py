"""The log of a run, in a file: all that is said of it, and what became of each photo.

In: what listeners are told. Out: lines with the time. Read `run_log.py` first.
"""
