"""The error for a request the gallery refuses."""


class RequestRefused(Exception):
    """The gallery refuses a request.

    Args:
        status: HTTP status of the answer.
        message: one sentence for a person.
        reason: stable snake_case word for programs.
    """

    def __init__(self, status: int, message: str, reason: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
