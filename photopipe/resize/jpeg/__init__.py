"""JPEG in: decoded no larger than needed.

In: an opened JPEG and what will be shown of it. Out: its pixels. Read `decode_jpeg.py` first.
"""
