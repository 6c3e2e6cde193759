"""What the names of files say, before any is opened: junk, patterns, order, and which files belong together.

In: names of files in one folder. Out: which are wanted, and in what groups. Read `groups.py` first.
"""
