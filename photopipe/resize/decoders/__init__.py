"""The libraries that decode: which are installed, what they raise, and how they are kept from printing.

In: an exception, or the name of a kind of file. Out: an `ItemError`, or a module. Start with `decoders.py`.
"""
