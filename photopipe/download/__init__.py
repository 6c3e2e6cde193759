"""Stage 1: find photos and read each one once.

In: what the command names as its sources. Out: `FoundPhoto`s a page at a time, then, one by one,
`DownloadedPhoto`s, which are known by the hash of their content (`download.py`).

Read `source.py` first, then `folder_source.py`. A new source is a file of its own and a row in `sources.py`.
"""
