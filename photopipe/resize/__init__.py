"""Stage resize: a photo file goes in, an upright sRGB JPEG that fits the box comes out.

In: `DownloadedPhoto` and `ResizeSettings`. Out: `ResizedPhoto`, which carries the encoded bytes. The source file is
only read. Read `resize.py` first: it is the order of the steps; each step is one file. Only this folder knows Pillow.
"""
