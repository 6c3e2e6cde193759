"""The journal: what is done, in progress and failed. It survives every crash, and only this folder knows its schema.

In: what happened to a photo. Out: what is still to be done with it. Read `journal.py` first.
"""

from photopipe.journal.journal import Admission, Delivery, Journal, SortedPage
from photopipe.journal.lock import RunLock, lock_holder, run_lock
from photopipe.journal.seen_content import SeenContent

__all__ = ["Admission", "Delivery", "Journal", "RunLock", "SeenContent", "SortedPage", "lock_holder", "run_lock"]
