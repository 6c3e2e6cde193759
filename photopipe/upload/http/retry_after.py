"""How long a gallery asks to be left alone."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from photopipe.upload.http.answer import Answer


def retry_after_s(answer: Answer) -> float | None:
    """How long the gallery asks us to wait [seconds], or None.

    A date is compared with the answer's own `Date`, so a wrong clock on either side does not
    matter. Zero, the past and nonsense count as not asked: waiting nothing would be a storm.

    Source: RFC 9110 section 10.2.3.
    """
    value = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value) or None
    asked = _date(value)
    if asked is None:
        return None
    now = _date(answer.headers.get("Date", "")) or datetime.now(UTC)
    seconds = (asked - now).total_seconds()
    return seconds if seconds > 0 else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
