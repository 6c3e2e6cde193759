"""The one form of every error: problem details, which both programs and people can read.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

import json
from http import HTTPStatus
from typing import Final

from flask import Response

PROBLEM_TYPE: Final = "application/problem+json"
_REASONS: Final = {413: "too_large", 416: "range_not_satisfiable"}
"""For statuses whose name is not the same everywhere."""


def problem_body(status: int, detail: str, reason: str | None = None) -> bytes:
    """The body of an error.

    Args:
        status: of the answer.
        detail: one sentence for a person.
        reason: stable snake_case word for programs; None for the status's own name.

    Returns:
        JSON. The type `about:blank` says that status and reason tell all there is to know.
    """
    title = HTTPStatus(status).phrase
    members = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "reason": reason or _REASONS.get(status) or title.lower().replace(" ", "_"),
    }
    return json.dumps(members).encode()


def problem_answer(status: int, detail: str, reason: str | None = None) -> Response:
    """An error as the application answers it; the arguments are those of `problem_body`."""
    return Response(problem_body(status, detail, reason), status, content_type=PROBLEM_TYPE)
