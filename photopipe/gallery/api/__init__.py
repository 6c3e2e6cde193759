"""The part of the gallery that programs use, the pages' script included: `docs/gallery-protocol.md` is the contract.

In: requests that the server has let through. Out: JSON, and every error in one form. Read `routes.py` first.
"""
