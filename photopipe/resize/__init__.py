"""Stage resize: a photo file goes in; an upright sRGB picture that fits the box comes out, as the bytes of a file.

In: `DownloadedPhoto` and `ResizeSettings`. Out: `ResizedPhoto`, which carries the encoded bytes. The source file is
only read. Start with `resize.py`, which lists the steps in order. Only this folder imports Pillow.

A new kind of file that comes in: `input/openers.py`, and `kind_of` in `photopipe/files`. A new format that goes out: a
module in `output/`, and a row in `photopipe/files/output_formats.py`.
"""
