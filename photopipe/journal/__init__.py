"""The journal: what is done, in progress and failed. It survives every crash, and only this folder knows its schema.

In: what happened to a photo. Out: what is still to be done with it. Read `journal.py` first.
"""

from photopipe.journal.backup import back_up
from photopipe.journal.check import JournalFault, check_journal
from photopipe.journal.corrections import Corrections
from photopipe.journal.database.lock import LockHolder, RunLock, lock_holder, run_lock
from photopipe.journal.journal import Admission, Journal, SortedPage
from photopipe.journal.leases import Lease
from photopipe.journal.questions import Questions
from photopipe.journal.records import (
    Delivery,
    FailedDelivery,
    FileRecord,
    Forgotten,
    PairRecord,
    RunRecord,
    TargetCounts,
)
from photopipe.journal.seen_content import SeenContent

__all__ = [
    "Admission",
    "Corrections",
    "Delivery",
    "FailedDelivery",
    "FileRecord",
    "Forgotten",
    "Journal",
    "JournalFault",
    "Lease",
    "LockHolder",
    "PairRecord",
    "Questions",
    "RunLock",
    "RunRecord",
    "SeenContent",
    "SortedPage",
    "TargetCounts",
    "back_up",
    "check_journal",
    "lock_holder",
    "run_lock",
]
