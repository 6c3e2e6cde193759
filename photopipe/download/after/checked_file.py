"""A source file that is to leave: read again, and found to be what was read when it was uploaded."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import Final, Self

from photopipe.errors import DownloadError, PhotoChanged, PhotoVanished
from photopipe.found_photo import FoundPhoto, LocalFiles

CHANGED: Final = "it has changed since it was read, so it is not in the gallery as it is now. Run again"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A source file that is open, and whose content has just been read.

    Attributes:
        path: where it is.
        top: the source's folder.
        file: the open file: while it is, no other file can get its inode number.
        sha256: hash of the content, hexadecimal.
        size_bytes: length of the content.
        mtime_ns: last change of the content [nanoseconds since 1970].
    """

    path: str
    top: str
    file: BufferedReader
    sha256: str
    size_bytes: int
    mtime_ns: int

    @classmethod
    @contextmanager
    def open(cls, found: FoundPhoto, sha256: str | None = None) -> Iterator[Self]:
        """Open a file and read it to its end.

        Args:
            found: as its source saw it.
            sha256: the hash it must have, or None if it was not read before.

        Raises:
            PhotoVanished: it is gone.
            PhotoChanged: it is not what was read before.
            DownloadError: it cannot be read, is a link, or lies outside the source.
        """
        with explained():
            file = _open(found)
        with file:
            with explained():
                checked = cls._read(found, file)
            if sha256 not in (None, checked.sha256):
                raise PhotoChanged(CHANGED)
            yield checked

    @classmethod
    def _read(cls, found: FoundPhoto, file: BufferedReader) -> Self:
        before = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        checked = cls(found.path, top_of(found), file, digest, before.st_size, before.st_mtime_ns)
        checked.check_unchanged()
        return checked

    @property
    def name(self) -> str:
        """Its name without its folder."""
        return os.path.basename(self.path)

    @property
    def folder_below_top(self) -> str:
        """The way from the source's folder to the file's; empty if they are the same."""
        folder = os.path.relpath(os.path.dirname(self.path), self.top)
        return "" if folder == os.curdir else folder

    def check_unchanged(self) -> None:
        """Make sure that the path still leads to the open file, and that nobody has written to it.

        The time of the last change of its metadata may differ: giving a file a second name changes it.

        Raises:
            PhotoChanged: otherwise.
            FileNotFoundError: there is no such file any more.
        """
        now, ours = os.lstat(self.path), os.fstat(self.file.fileno())
        if not os.path.samestat(now, ours) or (ours.st_size, ours.st_mtime_ns) != (self.size_bytes, self.mtime_ns):
            raise PhotoChanged(CHANGED)

    def remove(self) -> None:
        """Remove the file, if it is still the one that was read.

        Raises:
            PhotoChanged: it is not.
            OSError: it cannot be removed.
        """
        self.check_unchanged()
        os.unlink(self.path)


def top_of(found: FoundPhoto) -> str:
    """The folder below which a file's path is kept: the source's, or its own if only the file was named.

    Raises:
        DownloadError: it is no file of this machine.
    """
    if not isinstance(found.storage, LocalFiles):
        raise DownloadError("it is no file of this machine")
    return found.storage.top or os.path.dirname(found.path)


@contextmanager
def explained() -> Iterator[None]:
    """Say in a person's words what the operating system has refused.

    Raises:
        DownloadError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        place, reason = error.filename2 or error.filename, error.strerror or str(error)
        raise DownloadError(f"{place}: {reason}" if isinstance(place, str) else reason) from error


def _open(found: FoundPhoto) -> BufferedReader:
    try:
        status = os.lstat(found.path)
    except FileNotFoundError as error:
        raise PhotoVanished("it was gone already") from error
    if stat.S_ISLNK(status.st_mode):
        raise DownloadError("it is a link; links, and what they lead to, are left alone")
    _check_inside(found)
    folder = os.path.dirname(found.path)
    if not os.access(folder, os.W_OK | os.X_OK):  # found out before anything is copied out of it
        raise DownloadError(f"{folder}: files cannot be removed from here; it is read-only or belongs to somebody else")
    return open(found.path, "rb", opener=_open_no_link)


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _check_inside(found: FoundPhoto) -> None:
    """Refuse what a link on the way has led out of the source."""
    top, folder = os.path.realpath(top_of(found)), os.path.realpath(os.path.dirname(found.path))
    if os.path.commonpath([top, folder]) != top:
        raise DownloadError("it was found through a link that leads out of the source")
