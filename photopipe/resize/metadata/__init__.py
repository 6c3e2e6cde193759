"""What a file says about a photo beside its pixels: EXIF, XMP and IPTC under one policy.

In: an opened picture. Out: `Metadata`, with the blocks to embed. Read `metadata.py` first.
"""
