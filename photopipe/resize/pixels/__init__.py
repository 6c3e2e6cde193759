"""Geometry and pixels: what is shown of a picture, how large, which way up, and how much memory that may take.

In: pixels and a box. Out: fewer pixels. Read `fit.py` first.
"""
