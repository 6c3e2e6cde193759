"""What becomes of a photo's files: a verified copy in an archive, and a move or a removal once it is in every gallery.

Everything here is a plain function of one photo's files; when they may be called is decided in `stages/`. Start with
`after.py` for the source's files, and `archive.py` for copies of them.
"""
