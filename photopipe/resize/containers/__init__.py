"""The outer structure of files: the boxes of ISO media files, the directories of TIFF.

In: a file. Out: where things are in it, found in a limited number of steps whatever the file claims. There is no
starting point: the two modules are independent.
"""
