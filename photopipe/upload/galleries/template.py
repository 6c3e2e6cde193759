"""Text made from what is known of a photo: `{folder}`, `{taken_at:%Y-%m-%d}`."""

import os
import string
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from photopipe.errors import UsageError
from photopipe.files.names import clean_text
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


class Template:
    """Text with fields between braces.

    Args:
        text: as Python's `str.format` reads it, with the names in `FIELDS`; no attributes, no indexes.
        more: further names that may be used; `fill` is given their values.

    Raises:
        UsageError: it cannot be understood, or names what is not known.
    """

    def __init__(self, text: str, more: Collection[str] = ()) -> None:
        self._text = text
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise UsageError(f"template {text!r}: {error}") from None
        self._parts = parts
        for _, name, _, _ in parts:
            if name is not None and name not in FIELDS and name not in more:
                raise UsageError(f"template {text!r}: there is no {{{name}}}; there are {', '.join([*FIELDS, *more])}")
        self._try_out()

    @property
    def text(self) -> str:
        """The template itself."""
        return self._text

    def fill(
        self, photo: ResizedPhoto, more: Mapping[str, str] = NOTHING, quoted: Callable[[str, str], str] | None = None
    ) -> str:
        """The text for one photo: valid UTF-8 on one line.

        Args:
            photo: which.
            more: values of the further names.
            quoted: makes a field's value, given its name and its text, fit for where the text is used.
        """
        pieces = []
        for literal, name, form, _ in self._parts:
            value = "" if name is None else _field(photo, name, form, more)
            pieces += [literal, quoted(name, clean_text(value)) if quoted and name else value]
        return clean_text("".join(pieces)).strip()

    def _try_out(self) -> None:
        """Refuse a format no value can take, before the first photo meets it."""
        for _, name, form, _ in self._parts:
            example: Any = datetime(2024, 5, 1, 12, 33, 10) if name == "taken_at" else 7 if name in _NUMBERS else "x"
            try:
                format(example, form or "")
            except ValueError as error:
                raise UsageError(f"template {self._text!r}: {{{name}:{form}}}: {error}") from None


_NUMBERS: Final = {"width", "height", "size"}


def _field(photo: ResizedPhoto, name: str, form: str | None, more: Mapping[str, str]) -> str:
    value = more[name] if name in more else FIELDS[name](photo)
    return value.isoformat() if isinstance(value, datetime) and not form else format(value, form or "")
