"""Moments of the journal as people read them."""

from datetime import datetime


def local_time(moment: str) -> str:
    """A moment in the time of this machine: `2026-11-25 04:10:23`.

    Args:
        moment: RFC 3339.
    """
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
