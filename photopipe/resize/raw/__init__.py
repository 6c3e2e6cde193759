"""Cameras' RAW files.

In: a RAW file. Out: the picture the camera put into it, or one developed by LibRaw. Read `raw.py` first.
"""
