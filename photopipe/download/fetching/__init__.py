"""Photos that lie on no file system: a copy of each is fetched into a spool folder while the run needs it.

In: a path or address, and the kind's way to get it. Out: an open file, as of a photo that lies here.

Read `fetched_files.py` first: the storage of such photos, and what a kind of source has to provide. `fetch_spool.py`
keeps the copies within their limit.
"""
