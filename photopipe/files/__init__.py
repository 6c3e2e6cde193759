"""Shared ground below the stages: what a file is, what it may be called, and how it is put in its place.

In: names, first bytes, finished files. Out: kinds, clean names, files that are whole or
not there. Read `kinds.py` first.
"""
