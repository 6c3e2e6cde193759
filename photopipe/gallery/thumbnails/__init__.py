"""Small pictures of the gallery's photos, for its pages: made when they are first asked for, and kept.

In: a photo's file, its hash, and a size. Out: the bytes of a WebP file. Start with `thumbnails.py`.
"""
