"""From a file to pixels: which decoder it needs, what its header claims, whether it is complete.

In: a file. Out: `Opened`, then `Decoded` pixels, and what will be lost on the way. Start with `picture.py`.

Where a decoder would allocate memory by a header that Pillow does not check, we read that header ourselves
(`header_claims.py`, `jpeg2000.py`). Why long texts of a PNG are cut out by hand: see `png_texts.py`.
"""
