"""The files that lie in a gallery's folder, whatever its index says, and what is read from them."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from photopipe.files.kinds import HEAD_BYTES, FileKind, kind_of
from photopipe.gallery.index.stored_photo import TRASH

_YEAR: Final = re.compile(r"(?!0000)[0-9]{4}")
_MONTH: Final = re.compile(r"0[1-9]|1[0-2]")
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a gallery.

    Attributes:
        path: relative to the gallery's folder, `2025/10/IMG_0042.jpg`.
        size_bytes: its length.
        modified_s: when it was last changed [seconds since 1970].
    """

    path: str
    size_bytes: int
    modified_s: float

    @property
    def has_good_name(self) -> bool:
        """False if the name is not UTF-8, and so cannot be in an index or an address."""
        return not any("\ud800" <= character <= "\udfff" for character in self.path)


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file holds.

    Attributes:
        sha256: hash of it, hexadecimal.
        size_bytes: how many bytes were read.
        kind: what it is, or None if it is no picture.
    """

    sha256: str
    size_bytes: int
    kind: FileKind | None


def photo_files(folder: str) -> Iterator[FoundFile]:
    """Each plain file in `YYYY/MM/`, but for hidden ones; links are not followed.

    Raises:
        OSError: a folder cannot be read.
    """
    for year in _folders(folder, _YEAR):
        for month in _folders(os.path.join(folder, year), _MONTH):
            with os.scandir(os.path.join(folder, year, month)) as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        yield from _plain_file(folder, f"{year}/{month}/{entry.name}")


def trashed_files(folder: str) -> Iterator[tuple[str, FoundFile]]:
    """Each file in the trash, with the hash that it is kept under.

    Raises:
        OSError: a folder cannot be read.
    """
    top = os.path.join(folder, TRASH)
    for sha256 in os.listdir(top) if os.path.isdir(top) else ():
        for parent, _, names in os.walk(os.path.join(top, sha256)):
            for path in (os.path.relpath(os.path.join(parent, name), folder) for name in names):
                yield from ((sha256, file) for file in _plain_file(folder, path))


def read_content(path: str) -> FileContent:
    """Read a file to its end.

    Raises:
        OSError: it cannot be read.
    """
    sha256, size_bytes, head = hashlib.sha256(), 0, b""
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            head = head or chunk[:HEAD_BYTES]
            sha256.update(chunk)
            size_bytes += len(chunk)
    return FileContent(sha256.hexdigest(), size_bytes, kind_of(head))


def _plain_file(folder: str, path: str) -> Iterator[FoundFile]:
    """The file, unless it is none, or has gone since its folder was listed: photos may be deleted meanwhile."""
    try:
        status = os.lstat(os.path.join(folder, path))
    except FileNotFoundError:
        return
    if stat.S_ISREG(status.st_mode):
        yield FoundFile(path, status.st_size, status.st_mtime)


def _folders(folder: str, form: re.Pattern[str]) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(
            entry.name for entry in entries if form.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        )
