"""When a photo was taken: what its texts say or, failing that, its name and its file.

In: texts of EXIF, XMP and IPTC, a file's name and date. Out: a time, and where it comes from. Start with
`taken_at.py`.
"""
