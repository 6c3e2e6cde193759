"""Camera RAW files.

In: a RAW file. Out: the JPEG preview inside it if that is large enough, or the picture that LibRaw develops. Start
with `raw.py`.
"""
