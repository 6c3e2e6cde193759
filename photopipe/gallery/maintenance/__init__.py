"""Looking after a gallery: checking its files, and making its index agree with them.

In: a gallery's folder. Out: faults that a person has to know of (`verify.py`), or an index that is right again
(`rebuild.py`, and `salvage.py` for one that SQLite cannot read). `upkeep.py` is what a server does by itself.
"""
