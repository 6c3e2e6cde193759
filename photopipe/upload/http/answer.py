"""A gallery's whole answer to one request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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
