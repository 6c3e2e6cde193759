"""What an answer's status means, and what is done about it: the one table.

Pure: a status in, a classification out. `upload_errors.py` words it for a person, `client.py` acts on it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Action(Enum):
    """What is done after an answer or a broken connection."""

    DONE = auto()
    RETRY = auto()
    REFUSED = auto()
    LOGIN_REFUSED = auto()
    PROXY_LOGIN = auto()
    DISK_FULL = auto()
    TOO_LARGE = auto()
    MOVED = auto()
    TLS_FAILED = auto()
    MISCONFIGURED = auto()


@dataclass(frozen=True, slots=True)
class Classification:
    """What to do, and what is known about the photo meanwhile.

    Attributes:
        action: what is done.
        ambiguous: the gallery may have taken the photo all the same.
        message: why, for a person; empty where the answer's status says it.
        is_timeout: nothing came in time.
    """

    action: Action
    ambiguous: bool = False
    message: str = ""
    is_timeout: bool = False


STATUSES: Final = {
    401: Classification(Action.LOGIN_REFUSED),
    403: Classification(Action.LOGIN_REFUSED),
    407: Classification(Action.PROXY_LOGIN),
    408: Classification(Action.RETRY, ambiguous=True),
    413: Classification(Action.TOO_LARGE),
    423: Classification(Action.RETRY),
    425: Classification(Action.RETRY),
    429: Classification(Action.RETRY),
    502: Classification(Action.RETRY, ambiguous=True),
    503: Classification(Action.RETRY),
    504: Classification(Action.RETRY, ambiguous=True),
    507: Classification(Action.DISK_FULL),
}
"""Statuses with a rule of their own. A gateway that gave up (502, 504) cannot tell whether the
gallery behind it took the photo."""


def classify_status(status: int) -> Classification:
    """What is done after an answer with this status.

    Source: RFC 9110 section 15 for the classes, RFC 6585 for 429, RFC 4918 for 507, RFC 8470 for 425.
    """
    if status in STATUSES:
        return STATUSES[status]
    if 200 <= status < 300:
        return Classification(Action.DONE)
    if 300 <= status < 400:
        return Classification(Action.MOVED)
    if 400 <= status < 500:
        return Classification(Action.REFUSED)
    return Classification(Action.RETRY, ambiguous=True)
