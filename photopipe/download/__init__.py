"""Stage 1: find photos and read each one once.

In: folders or files. Out: `FoundPhoto`s a page at a time (`scan.py`, read first), then, one by one,
`DownloadedPhoto`s known by the hash of their content (`download.py`).
"""
