"""From a finished picture to the bytes of a file.

In: a picture, settings, and what is attached. Out: `Encoded` bytes, described. Read `encode.py` first; a format is a
writer in `writers.py` and a row in `output_format.py`.
"""
