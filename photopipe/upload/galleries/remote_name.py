"""Where a photo goes in a gallery whose photos have names: a path from a template, and a second one if it is taken.

Pure: the same photo, key and settings give the same names in every run, so a gallery can be asked
later whether an upload has arrived. Paths here have `/` between their parts and none at either end.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from photopipe.errors import UsageError
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.template import FIELDS, Template

PATH_OPTION: Final = (
    f"where a photo goes, made from {', '.join(f'{{{name}}}' for name in FIELDS)}; {{file_name}} if unset"
)
"""The line of help for the option `path`, for the kinds that have it."""

MAX_PART_BYTES: Final = 255
"""Longest name that file systems and WebDAV servers allow, in UTF-8."""

_ROOM_BYTES: Final = 24
"""Kept free at the end of a file's name for `-1a2b3c4d` and `.part-1a2b3c4d`."""

_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*\\', "_"))
"""Characters that Windows, and so many mounted shares, do not allow in a name."""

_INVISIBLE: Final = ("Cc", "Cs", "Zl", "Zp")
_BIDI_MARKS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_EXTENSION: Final = re.compile(r"\.[^.]{1,16}\Z")


def path_template(options: Mapping[str, Any]) -> Template:
    """The option `path` of a gallery, or what it is by default.

    Raises:
        UsageError: it is no text, or no template.
    """
    text = options.get("path", "{file_name}")
    if not isinstance(text, str) or not text.strip():
        raise UsageError('the option path must be text, such as "{taken_at:%Y/%m}/{file_name}"')
    return Template(text)


def candidates(photo: OutgoingPhoto, template: Template) -> tuple[str, str]:
    """The paths a photo may get, the better one first.

    Args:
        photo: what is sent, with its album; the names are those of its own rendition.
        template: gives the path; its parts become clean names.

    Returns:
        The path as the template says, and the same with `-` and eight digits of the key before the
        extension, for when the first is taken by other bytes.
    """
    folders, name = _clean_path(f"{photo.album or ''}/{template.fill(photo.photo)}")
    stem, extension = _split(name)
    return "/".join([*folders, name]), "/".join([*folders, f"{stem}-{short_key(photo.key)}{extension}"])


def candidates_sought(photo: OutgoingPhoto, template: Template) -> tuple[str, str]:
    """`candidates` of what an earlier run may have sent."""
    return candidates(replace(photo, photo=replace(photo.photo, rendition=photo.sought)), template)


def part_path(path: str, key: str) -> str:
    """The name a file has while it is being written; the same for each attempt, which overwrites what others left."""
    return f"{path}.part-{short_key(key)}"


def short_key(key: str) -> str:
    """Eight hexadecimal digits that stand for an upload's key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def folders_above(path: str) -> list[str]:
    """Every folder a path lies in, the outermost first: `a/b/c.jpg` gives `a` and `a/b`."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def encoded(path: str) -> str:
    """The path as it is written in an address, each part percent-encoded.

    Source: RFC 3986 section 2.3: all but its unreserved characters.
    """
    return "/".join(quote(part, safe="") for part in path.split("/"))


def _clean_path(text: str) -> tuple[list[str], str]:
    *folders, name = text.split("/")
    cleaned = [clean for folder in folders if (clean := _cut(_clean(folder), MAX_PART_BYTES))]
    stem, extension = _split(_file_name(name))
    room = MAX_PART_BYTES - _ROOM_BYTES - len(extension.encode())
    return cleaned, _cut(stem, room) + extension


def _file_name(name: str) -> str:
    """The last part: a template such as `{title}.{ext}` may leave nothing before the dot."""
    visible = _visible(name).lstrip()
    return (f"photo{visible}" if visible.startswith(".") else visible).strip(". ") or "photo"


def _clean(part: str) -> str:
    """One name: no control characters or direction marks, no dots or spaces at its ends.

    So it is never `.` or `..`, never hidden, and never what Windows would shorten.
    """
    return _visible(part).strip(". ")


def _visible(part: str) -> str:
    visible = "".join(char for char in part if unicodedata.category(char) not in _INVISIBLE and char not in _BIDI_MARKS)
    return unicodedata.normalize("NFC", visible).translate(_FORBIDDEN)


def _split(name: str) -> tuple[str, str]:
    found = _EXTENSION.search(name, 1)
    return (name, "") if found is None else (name[: found.start()], found.group())


def _cut(text: str, size_bytes: int) -> str:
    """The beginning that fits, never half a character."""
    return text.encode()[:size_bytes].decode(errors="ignore").rstrip(". ")
