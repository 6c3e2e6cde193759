"""What is done, in flight and failed; it outlives every crash, and only this folder knows its schema.

In: what happened to a photo. Out: what is still to be done with it. Read `journal.py` first.
"""

from photopipe.journal.claims import Claims
from photopipe.journal.journal import Admission, Delivery, Journal, SortedPage, Target
from photopipe.journal.lock import run_lock

__all__ = ["Admission", "Claims", "Delivery", "Journal", "SortedPage", "Target", "run_lock"]
