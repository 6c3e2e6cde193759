"""Stage 1: find photos and read each one once.

In: what the command names as its sources (`sources/`). Out: `FoundPhoto`s a page at a time, then, one by one,
`DownloadedPhoto`s, which are known by the hash of their content (`download.py`).
"""
