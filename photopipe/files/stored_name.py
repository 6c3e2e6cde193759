"""File names that are safe to create, whatever the sender called the photo."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from photopipe.files.picture_type import EXTENSIONS

MAX_NAME_BYTES: Final = 200
"""Leaves room for a distinguishing `-1a2b3c4d` below the 255 bytes file systems allow."""

_INVISIBLE_CATEGORIES: Final = ("Cc", "Cs", "Zl", "Zp")
_BIDI_MARKS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_EXTENSION: Final = re.compile(r"\.[^.]{1,16}\Z")


def safe_file_name(name: str, content_type: str) -> str:
    """A name for a file, close to what the sender called it.

    Args:
        name: any text at all, a path included.
        content_type: what the bytes are; one of the keys of `EXTENSIONS`.

    Returns:
        A single path component without leading dots, control characters or direction marks, at most
        `MAX_NAME_BYTES` in UTF-8, with an extension that fits the content.
    """
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(character for character in last if _is_kept(character))
    plain = unicodedata.normalize("NFC", visible).strip(". ")
    stem, extension = _split(plain)
    if extension[1:].lower() not in EXTENSIONS[content_type]:
        stem, extension = plain, f".{EXTENSIONS[content_type][0]}"
    room = MAX_NAME_BYTES - len(extension.encode())
    return (stem.encode()[:room].decode(errors="ignore") or "photo") + extension


def names_to_try(name: str, sha256: str) -> Iterator[str]:
    """The name itself, then the same name told apart by more and more of the content's hash."""
    stem, extension = _split(name)
    yield name
    for digits in (8, 16, 32):
        yield f"{stem}-{sha256[:digits]}{extension}"


def fold_path(path: str) -> str:
    """Equal for paths that macOS and Windows take for the same file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _is_kept(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE_CATEGORIES and character not in _BIDI_MARKS


def _split(name: str) -> tuple[str, str]:
    found = _EXTENSION.search(name)
    if found is None:
        return name, ""
    return name[: found.start()], found.group()
