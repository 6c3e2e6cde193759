"""The gallery on the disk: each photo once, as a plain file, and an index of them.

In: uploads whose fields have been checked. Out: files under `FOLDER/YYYY/MM/NAME`. Read `store.py` first.
"""
