"""Text made from what is known of a photo: `{folder}`, `{taken_at:%Y-%m-%d}`."""

import os
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from photopipe.files.template import TextTemplate
from photopipe.photo import ResizedPhoto

Known = Callable[[ResizedPhoto], Any]


def _time(photo: ResizedPhoto) -> datetime:
    """When the photo was taken or, if nothing tells, when its file was last written."""
    if photo.rendition.taken_at and photo.rendition.taken_at_from != "file_date":
        return datetime.fromisoformat(photo.rendition.taken_at)
    try:
        return datetime.fromtimestamp(photo.source.found.mtime_ns / 1e9).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime(1970, 1, 1)


def _stem(photo: ResizedPhoto) -> str:
    return os.path.splitext(photo.source.found.name)[0]


FIELDS: Final[dict[str, Known]] = {
    "name": lambda photo: photo.source.found.name,
    "stem": _stem,
    "ext": lambda photo: os.path.splitext(photo.rendition.file_name)[1].removeprefix("."),
    "file_name": lambda photo: photo.rendition.file_name,
    "folder": lambda photo: os.path.basename(os.path.dirname(photo.source.found.path)),
    "rendition": lambda photo: photo.rendition.name,
    "taken_at": _time,
    "title": lambda photo: photo.rendition.title or "",
    "caption": lambda photo: photo.rendition.caption or "",
    "keywords": lambda photo: ",".join(photo.rendition.keywords),
    "width": lambda photo: photo.rendition.width_px,
    "height": lambda photo: photo.rendition.height_px,
    "size": lambda photo: photo.rendition.size_bytes,
    "sha256": lambda photo: photo.rendition.sha256,
    "sha1": lambda photo: photo.rendition.sha1,
    "md5": lambda photo: photo.rendition.md5,
    "source_sha256": lambda photo: photo.source.source_sha256,
}
"""The fields that may be used between braces."""

NOTHING: Final[Mapping[str, str]] = {}
_EXAMPLES: Final[Mapping[str, Any]] = dict.fromkeys(FIELDS, "x") | {
    "taken_at": datetime(2024, 5, 1, 12, 33, 10),
    "width": 7,
    "height": 7,
    "size": 7,
}


class Template:
    """Text with fields between braces that are filled from a photo.

    Args:
        text: see `TextTemplate`; with the names in `FIELDS`.
        more: further names that may be used; `fill` is given their values.

    Raises:
        UsageError: it cannot be understood, or names what is not known.
    """

    def __init__(self, text: str, more: Collection[str] = ()) -> None:
        self._template = TextTemplate(text, {**_EXAMPLES, **dict.fromkeys(more, "x")})

    @property
    def text(self) -> str:
        """The template itself."""
        return self._template.text

    def fill(
        self, photo: ResizedPhoto, more: Mapping[str, str] = NOTHING, quoted: Callable[[str, str], str] | None = None
    ) -> str:
        """The text for one photo: valid UTF-8 on one line.

        Args:
            photo: which.
            more: values of the further names.
            quoted: makes a field's value, given its name and its text, fit for where the text is used.
        """
        return self._template.fill(lambda name: more[name] if name in more else FIELDS[name](photo), quoted)
