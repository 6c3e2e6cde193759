"""The gallery on disk: each photo once, as a plain file, with an index that finds it. Read `store.py` first."""
