"""The form one photo travels in: multipart/form-data with the file and what is known about it."""

import os
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from photopipe.photo import ResizedPhoto


def upload_form(photo: ResizedPhoto) -> dict[str, Any]:
    """The photo as `files` and `data` for requests.

    Args:
        photo: what is sent.

    Returns:
        Keyword arguments; the same photo always gives the same ones.
    """
    rendition = photo.rendition
    found = photo.source.found
    fields = {
        "sha256": rendition.sha256,
        "original_name": clean_text(os.path.basename(found.path)),
        "taken_at": rendition.taken_at,
        "modified_at": rfc3339(found.mtime_ns),
        "source_sha256": photo.source.source_sha256,
    }
    file = (safe_file_name(rendition.file_name), _content(photo), rendition.content_type)
    return {"files": {"file": file}, "data": {name: value for name, value in fields.items() if value}}


def _content(photo: ResizedPhoto) -> bytes:
    with photo.open() as file:
        return file.read()


def clean_text(text: str) -> str:
    """The text as valid UTF-8 on one line: bytes that are no text and control characters become U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in text)


def safe_file_name(name: str) -> str:
    """The name as it can stand between quotes in a part's header.

    A backslash is a plain character to some servers and an escape to others (RFC 7578 section 4.2
    leaves it open), and a slash is a folder.
    """
    return clean_text(name).replace("\\", "_").replace("/", "_")


def rfc3339(time_ns: int) -> str | None:
    """A time as `2024-05-01T12:33:10.250Z`, or None where the calendar ends.

    Args:
        time_ns: nanoseconds since 1970.
    """
    try:
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return None
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
