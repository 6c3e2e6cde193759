"""Colours: which profile a picture has, and its conversion to sRGB.

In: a picture and its file. Out: the picture in sRGB, or in its own colours with its profile. Start with `colour.py`.

littleCMS converts. Profiles for colours that a file only describes by numbers (gAMA, cICP, `nclx`, EXIF) are written
by hand in `icc_profile.py`: littleCMS can make them, but Pillow does not let us call that.
"""
