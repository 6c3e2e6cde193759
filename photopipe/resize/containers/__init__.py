"""The outer structure of files: boxes of ISO media files, directories of TIFF.

In: a file. Out: where things are in it, found in a bounded number of steps.
"""
