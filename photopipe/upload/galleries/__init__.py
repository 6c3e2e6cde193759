"""The kinds of galleries, and the contract all of them keep.

In: a photo. Out: the gallery's receipt. Read `contract.py` first; each kind has a folder of its own.
"""
