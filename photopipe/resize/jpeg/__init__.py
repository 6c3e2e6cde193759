"""JPEGs are decoded no larger than needed.

In: an opened JPEG, and what will be shown of it. Out: its pixels. Start with `decode_jpeg.py`.
"""
