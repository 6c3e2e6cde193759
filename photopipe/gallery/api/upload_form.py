"""The fields of a POST, read and checked before the store gets them."""

import re
from typing import IO, Final

from flask import Request

from photopipe.files.characters import INVISIBLE
from photopipe.gallery.store.capture_time import check_modified_at, check_taken_at
from photopipe.gallery.store.request_refused import RequestRefused
from photopipe.gallery.store.upload import Upload

LONGEST_ALBUM: Final = 200
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


def read_upload(request: Request) -> tuple[Upload, IO[bytes]]:
    """The upload in a multipart request, and the stream of its bytes.

    Raises:
        RequestRefused: the file part is missing, or a field is malformed.
    """
    file = request.files.get("file")
    if file is None:
        raise RequestRefused(400, "the form has no file part named `file`", "file_missing")
    file_name = file.filename or ""
    upload = Upload(
        key=_checked_key(request.headers.get("Idempotency-Key")),
        sha256=request.form.get("sha256") or None,
        file_name=file_name,
        original_name=request.form.get("original_name") or file_name,
        taken_at=request.form.get("taken_at") or None,
        modified_at=request.form.get("modified_at") or None,
        source_sha256=_hash(request.form.get("source_sha256")),
        album=_one_line(request.form.get("album")),
    )
    if upload.taken_at is not None:
        check_taken_at(upload.taken_at)
    if upload.modified_at is not None:
        check_modified_at(upload.modified_at)
    return upload, file.stream


def _checked_key(key: str | None) -> str | None:
    if key is not None and _KEY.fullmatch(key) is None:
        raise RequestRefused(400, "Idempotency-Key must be 1 to 200 visible ASCII characters", "bad_idempotency_key")
    return key


def _hash(text: str | None) -> str | None:
    """A hash of a source; one that is none is of no use, and no reason to refuse a photo."""
    return text.lower() if text is not None and _HASH.fullmatch(text) else None


def _one_line(text: str | None) -> str | None:
    """An album's name without line ends and direction marks."""
    return " ".join(INVISIBLE.sub(" ", text or "").split())[:LONGEST_ALBUM] or None
