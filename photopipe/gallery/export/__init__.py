"""The gallery as a static site: a folder that any web server can serve, and most browsers open from the disk.

In: a gallery's folder. Out: pages, data for their script, pictures and thumbnails. Read `export.py` first;
`site_folder.py` says how an export that is made again writes only what has changed.
"""
