"""From a finished picture to the bytes of a file.

In: a picture, settings, and what is attached. Out: `Encoded` bytes, and their description. Start with `encode.py`.
Each format is one module with a `FORMAT`, and one row in `photopipe/files/output_formats.py`.

Animated PNGs are put together by hand in `apng.py`: Pillow's writer keeps all frames in memory.
"""
