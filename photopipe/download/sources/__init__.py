"""Where photos are found: each kind of source is a file here and a row in `sources.py`.

In: an argument of the command. Out: findings, a page at a time, as they are found; no photo is opened.

Read `source.py` first, which is the contract, then `folder_source.py`.
"""
