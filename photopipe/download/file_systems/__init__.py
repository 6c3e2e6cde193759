"""The file systems that sources lie on: what kind each is, and what follows from that.

Read `mounts.py` first.
"""
