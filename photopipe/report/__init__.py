"""What a run tells: the outcome of each photo (`outcomes.py`), and the account that must balance (`account.py`).

In: parcels at the end of the line. Out: values to print. Read `outcomes.py` first.
"""

from photopipe.report.account import KEPT, LOSSES, Account, KeptFiles
from photopipe.report.outcomes import (
    Event,
    LeftOver,
    Notice,
    PhotoOutcome,
    Problem,
    deliveries,
    events,
    found_photo_of,
    is_left_over,
    was_tried,
)
from photopipe.report.run_listener import FoundSoFar, RunEnd, RunListener, RunView
from photopipe.report.run_meter import RunMeter, RunStatus, StageStatus

__all__ = [
    "KEPT",
    "LOSSES",
    "Account",
    "Event",
    "FoundSoFar",
    "KeptFiles",
    "LeftOver",
    "Notice",
    "PhotoOutcome",
    "Problem",
    "RunEnd",
    "RunListener",
    "RunMeter",
    "RunStatus",
    "RunView",
    "StageStatus",
    "deliveries",
    "events",
    "found_photo_of",
    "is_left_over",
    "was_tried",
]
