"""What the gallery answers: photos as JSON, and every error as JSON, too."""

import errno
import sqlite3
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from photopipe.gallery.store.request_refused import RequestRefused
from photopipe.gallery.store.stored_photo import StoredPhoto

RETRY_AFTER_S: Final = 5
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def photo_as_json(photo: StoredPhoto, key: str | None, url_of: Callable[[str], str]) -> dict[str, str | None]:
    """A photo as it stands in a list of photos."""
    return {
        "id": str(photo.id),
        "url": url_of(photo.path),
        "sha256": photo.sha256,
        "idempotency_key": key,
        "taken_at": photo.taken_at,
        "file_name": photo.file_name,
    }


def answer_errors_as_json(app: Flask) -> None:
    """Make every failure of a request an answer of the form `{"error": ..., "reason": ...}`."""
    app.register_error_handler(RequestRefused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OSError, _disk_error)
    app.register_error_handler(sqlite3.Error, _index_error)


def error_answer(status: int, message: str, reason: str) -> Response:
    """One error as JSON."""
    answer = jsonify(error=message, reason=reason)
    answer.status_code = status
    return answer


def _refused(error: RequestRefused) -> Response:
    answer = error_answer(error.status, error.message, error.reason)
    answer.headers.update(error.headers)
    return answer


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    answer = error_answer(status, error.description or error.name, error.name.lower().replace(" ", "_"))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers.add(name, value)
    return answer


def _disk_error(error: OSError) -> Response:
    if error.errno in _NO_ROOM:
        return error_answer(507, "the gallery's disk is full", "disk_full")
    return error_answer(500, f"the gallery cannot use its folder: {error.strerror or error}", "folder_unusable")


def _index_error(error: sqlite3.Error) -> Response:
    # The low byte is the error's family: SQLite adds what it was doing in the bytes above.
    family = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if family == sqlite3.SQLITE_FULL:
        return error_answer(507, "the gallery's disk is full", "disk_full")
    if family in _BUSY:
        answer = error_answer(503, "the gallery is busy; try again", "busy")
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    return error_answer(500, f"the gallery cannot use its index: {error}", "index_unusable")
