"""The fields of photopipe's own upload form, and how times are written in forms."""

import os
from datetime import UTC, datetime, timedelta

from photopipe.files.names import clean_text
from photopipe.photo import ResizedPhoto


def upload_fields(photo: ResizedPhoto, album: str | None = None) -> dict[str, str]:
    """The fields that go with the file; the same photo always gives the same fields.

    The date of the file, which is no capture time, is sent as `modified_at` alone.
    """
    rendition, found = photo.rendition, photo.source.found
    fields = {
        "sha256": rendition.sha256,
        "original_name": clean_text(os.path.basename(found.path)),
        "taken_at": None if rendition.taken_at_from == "file_date" else rendition.taken_at,
        "modified_at": rfc3339(found.mtime_ns) if found.mtime_ns else None,  # not every server tells it
        "source_sha256": photo.source.source_sha256,
        "album": album,
    }
    return {name: value for name, value in fields.items() if value}


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
