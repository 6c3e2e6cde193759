"""Sources on servers: folders in buckets, over SSH and so on, and web addresses.

In: an address. Out: findings, as of any source; nothing is fetched to find a photo.

Read `listing.py` first, which is what a kind of server has to provide, then `folder_walk.py`, which looks through it.
"""
