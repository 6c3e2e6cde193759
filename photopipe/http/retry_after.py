"""What a server asks for with `Retry-After`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long an answer asks us to wait [seconds], or None.

    A date is compared with the answer's own `Date`, so a wrong clock on either side does not
    matter. Zero, the past and nonsense count as not asked: without any wait, all workers would ask again at once.

    Args:
        headers: of the answer, their names in any case.

    Source: RFC 9110 section 10.2.3.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value) or None
    asked = http_date(value)
    if asked is None:
        return None
    now = http_date(headers.get("Date", "")) or datetime.now(UTC)
    seconds = (asked - now).total_seconds()
    return seconds if seconds > 0 else None


def http_date(value: str) -> datetime | None:
    """The date that a header gives, or None."""
    from email.utils import parsedate_to_datetime  # a run that asks no server does not load it

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
