"""Every failure of a request becomes an answer: an error that says what is wrong, in one form."""

import errno
import sqlite3
from typing import Final

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from photopipe.gallery.api.problem import problem_answer
from photopipe.gallery.store.request_refused import RequestRefused

RETRY_AFTER_S: Final = 5
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def answer_errors(app: Flask) -> None:
    """Make every failure of a request an answer in the form of `problem.py`."""
    app.register_error_handler(RequestRefused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OSError, _disk_error)
    app.register_error_handler(sqlite3.Error, _index_error)


def try_again_later(detail: str, reason: str, retry_after_s: int = RETRY_AFTER_S) -> Response:
    """An answer 503 that says when to ask again."""
    answer = problem_answer(503, detail, reason)
    answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def _refused(error: RequestRefused) -> Response:
    answer = problem_answer(error.status, error.message, error.reason)
    answer.headers.update(error.headers)
    return answer


def _http_error(error: HTTPException) -> Response:
    answer = problem_answer(error.code or 500, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers.add(name, value)
    return answer


def _disk_error(error: OSError) -> Response:
    if error.errno in _NO_ROOM:
        return problem_answer(507, "the gallery's disk is full", "disk_full")
    return problem_answer(500, f"the gallery cannot use its folder: {error.strerror or error}", "folder_unusable")


def _index_error(error: sqlite3.Error) -> Response:
    # The low byte is the error's family: SQLite adds what it was doing in the bytes above.
    family = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if family == sqlite3.SQLITE_FULL:
        return problem_answer(507, "the gallery's disk is full", "disk_full")
    if family in _BUSY:
        return try_again_later("the gallery is busy; try again", "busy")
    return problem_answer(500, f"the gallery cannot use its index: {error}", "index_unusable")
