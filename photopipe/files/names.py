"""Cleaning of names: for renditions, for files a gallery stores, for paths on other servers, for headers."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from photopipe.files.characters import INVISIBLE, MISLEADING, NOT_ONE_LINE, SURROGATE

GALLERY_MARKER: Final = ".photopipe"
"""A folder with this entry is a gallery of photopipe's, or a site made of one: its photos are no new ones."""

MAX_NAME_BYTES: Final = 200
"""Leaves room for a distinguishing `-1a2b3c4d` below the 255 bytes file systems allow."""

MAX_PART_BYTES: Final = 255
"""What file systems and WebDAV servers accept as one name, in UTF-8."""

_ROOM_BYTES: Final = 24
"""Kept free at the end of the file's name in a path for `-1a2b3c4d` and `.part-1a2b3c4d`."""

_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*\\', "_"))
"""What Windows, and so many mounted shares, do not accept in a name; replaced everywhere."""

_EXTENSION: Final = re.compile(r"\.[^.]{1,16}\Z")


def rendition_name(source_name: str, extension: str = ".jpg") -> str:
    """Name a rendition after its source.

    Args:
        source_name: the source file's name without folder; undecodable bytes as surrogates.
        extension: what the name ends in, with the dot.

    Returns:
        Valid UTF-8 without control or direction characters, ending in the extension, at most `MAX_NAME_BYTES`.
    """
    stem = os.path.splitext(source_name)[0]
    clean = MISLEADING.sub("", SURROGATE.sub("\N{REPLACEMENT CHARACTER}", stem)).strip()
    return (_cut(clean, MAX_NAME_BYTES - len(extension)).strip() or "photo") + extension


def stored_name(name: str, extensions: Sequence[str]) -> str:
    """A name for a file, close to what the sender called it.

    Args:
        name: any text at all, a path included.
        extensions: those that fit the content, lower case with their dots, the usual one first.

    Returns:
        A single path component without leading dots, control characters or direction marks, at most
        `MAX_NAME_BYTES` in UTF-8, with one of the extensions.
    """
    plain = _visible(re.split(r"[/\\]", name)[-1]).strip(". ")
    stem, extension = _split(plain)
    if extension.lower() not in extensions:
        stem, extension = plain, extensions[0]
    return (_cut(stem, MAX_NAME_BYTES - len(extension.encode())) or "photo") + extension


def names_to_try(name: str, sha256: str) -> Iterator[str]:
    """The name itself, then the same name with more and more digits of the content's hash."""
    stem, extension = _split(name)
    yield name
    for digits in (8, 16, 32):
        yield f"{stem}-{sha256[:digits]}{extension}"


def fold_path(path: str) -> str:
    """A key that is equal for paths which macOS and Windows treat as the same file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


class CleanPath(NamedTuple):
    """A path of clean names.

    Attributes:
        folders: names of the folders, the outermost first.
        stem: the file's name without its extension, short enough for an addition.
        extension: with its dot, or empty.
    """

    folders: list[str]
    stem: str
    extension: str


def clean_path(text: str) -> CleanPath:
    """Make a path whose parts file systems and servers accept as names, from any text with `/` between the parts.

    No part has control characters or direction marks, or dots and spaces at its ends: so it is never
    `.` or `..`, never hidden, and never what Windows would shorten.
    """
    *folders, name = text.split("/")
    cleaned = [clean for folder in folders if (clean := _cut(_clean_part(folder), MAX_PART_BYTES).rstrip(". "))]
    visible = _visible(name).lstrip()
    # A template such as `{title}.{ext}` may have nothing to say before the dot.
    stem, extension = _split(_clean_part(f"photo{visible}" if visible.startswith(".") else visible) or "photo")
    room = MAX_PART_BYTES - _ROOM_BYTES - len(extension.encode())
    return CleanPath(cleaned, _cut(stem, room).rstrip(". "), extension)


def clean_text(text: str) -> str:
    """The text as valid UTF-8 on one line: bytes that are no text and control characters become U+FFFD."""
    return NOT_ONE_LINE.sub("\N{REPLACEMENT CHARACTER}", text)


def header_file_name(name: str) -> str:
    """The name as it can stand between quotes in a part's header.

    A backslash is a plain character to some servers and an escape to others (RFC 7578 section 4.2
    leaves it open), and a slash is a folder.
    """
    return clean_text(name).replace("\\", "_").replace("/", "_")


def _clean_part(part: str) -> str:
    return _visible(part).translate(_FORBIDDEN).strip(". ")


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text))


def _split(name: str) -> tuple[str, str]:
    """Stem and extension; a dot in front makes no extension."""
    found = _EXTENSION.search(name, 1)
    return (name, "") if found is None else (name[: found.start()], found.group())


def _cut(text: str, size_bytes: int) -> str:
    """The beginning that fits, never half a character."""
    return text.encode()[:size_bytes].decode(errors="ignore")
