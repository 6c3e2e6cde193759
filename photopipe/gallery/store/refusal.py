"""Why the gallery says no to a request."""


class Refusal(Exception):
    """The gallery does not do what the request asks.

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
