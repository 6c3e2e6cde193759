"""The error for a request the gallery refuses."""

from collections.abc import Mapping


class RequestRefused(Exception):
    """The gallery refuses a request.

    Args:
        status: HTTP status of the answer.
        message: one sentence for a person.
        reason: stable snake_case word for programs.
        headers: what the answer has besides, such as `Retry-After`.
    """

    def __init__(self, status: int, message: str, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.headers = dict(headers or {})
