"""A gallery's whole answer to one request."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer.

    Attributes:
        status: HTTP status.
        headers: names in any case.
        body: the content, decoded; empty if it was too long.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def status_line(self) -> str:
        """`503 Service Unavailable`, in the standard's words, not the server's."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    def json(self) -> Any:
        """The body as JSON, or None."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def location(self, endpoint: str) -> str | None:
        """The address in the answer's header `Location`, made absolute, or None."""
        value = self.headers.get("Location")
        if not value:
            return None
        try:
            return urljoin(endpoint, value)
        except ValueError:
            return None


def retry_after_s(answer: Answer) -> float | None:
    """How long the answer asks us to wait [seconds], or None.

    A date is compared with the answer's own `Date`, so a wrong clock on either side does not
    matter. Zero, the past and nonsense count as not asked: without any wait, all workers would ask again at once.

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
