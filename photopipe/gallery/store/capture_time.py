"""The times a sender states: checked, and turned into the local time a photo is filed under."""

import re
from datetime import UTC, datetime
from typing import Final

from photopipe.gallery.store.request_refused import RequestRefused

_CLOCK: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_ZONE: Final = r"(Z|[+-][0-9]{2}:[0-9]{2})"
_TAKEN_AT: Final = re.compile(f"{_CLOCK}{_ZONE}?")
_MODIFIED_AT: Final = re.compile(f"{_CLOCK}{_ZONE}")
_WALL_CLOCK_LENGTH: Final = len("2025-10-03T12:33:10")


def check_taken_at(text: str) -> None:
    """Accept `2025-10-03T12:33:10[.sss][+02:00|Z]` and nothing else.

    Raises:
        RequestRefused: it is something else, or no such day or time exists.
    """
    _check(text, _TAKEN_AT, "taken_at", "2025-10-03T12:33:10, with +02:00 or Z only if the zone is known")


def check_modified_at(text: str) -> None:
    """Accept an RFC 3339 time, zone included.

    Raises:
        RequestRefused: it is something else, or no such day or time exists.
    """
    _check(text, _MODIFIED_AT, "modified_at", "2025-10-03T10:33:10Z")


def shown_at(taken_at: str | None, modified_at: str | None, now: datetime) -> str:
    """The wall clock a photo is filed and sorted by.

    Args:
        taken_at: checked capture time; its own wall clock counts, whatever the zone.
        modified_at: checked change time of the source file, used in UTC if there is no capture time.
        now: used if there is neither.

    Returns:
        `YYYY-MM-DDTHH:MM:SS`.
    """
    if taken_at:
        return taken_at[:_WALL_CLOCK_LENGTH]
    moment = datetime.fromisoformat(modified_at) if modified_at else now
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _check(text: str, form: re.Pattern[str], field: str, example: str) -> None:
    message = f"{field} is {text[:80]!r}; it must be a real time like {example}"
    if form.fullmatch(text) is None:
        raise RequestRefused(400, message, f"bad_{field}")
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RequestRefused(400, message, f"bad_{field}") from error
