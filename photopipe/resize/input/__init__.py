"""From a file to pixels: which decoder, what its header claims, whether it is whole.

In: a file. Out: `Decoded` pixels, and what is lost on the way. Read `picture.py` first.
"""
