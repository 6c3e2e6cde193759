"""Colours: which profile a picture has, and its conversion to sRGB.

In: a picture and its file. Out: the picture in sRGB or with its profile. Read `colour.py` first.
"""
