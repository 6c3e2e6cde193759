"""Geometry and pixels: what is shown of a picture, how large, and how much memory that may take.

In: pixels and a box. Out: fewer pixels. Start with `fit.py`.
"""
