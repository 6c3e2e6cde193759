"""A photo as its source saw it, and where it is opened: a small value that holds no open file and can be pickled."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple, Protocol

from photopipe.errors import DownloadError, PhotoChanged, PhotoVanished, SourceMissing

COME_BACK: Final = "What was not read is left for the next run."


class Identity(NamedTuple):
    """Numbers that show, without opening it, whether a photo is still the one that was found.

    The journal keeps all but the last, and skips a photo that is done if they are the same. A source that is no
    file system derives them from what it knows, such as a checksum that its server gives: each from 0 to 2**63 - 1,
    and at least one of the first four changes whenever the content changes.

    Attributes:
        device: number of the file system.
        inode: number of the file on it.
        size_bytes: length of the file.
        mtime_ns: last change of the content [nanoseconds since 1970].
        ctime_ns: last change of content or metadata; unlike mtime no program can set it back.
    """

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int


class Storage(Protocol):
    """Where found photos lie. It travels with each of them: frozen, can be pickled, holds no open file."""

    def open(self, path: str) -> BinaryIO:
        """Open a photo for reading, at its beginning.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be opened.
        """

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        """What is at this path now or, if it is given, what this open file is.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: that cannot be found out.
        """

    def key(self, path: str) -> str:
        """The path under which the journal knows what is at this path, which may be a photo or its folder.

        It is the path itself, unless the same photo can turn up under another one, as on a card that is put in again.
        """

    def release(self, path: str) -> None:
        """The run has done with this photo: what was kept to open it again, such as a copy, may be removed."""

    def check_source(self) -> None:
        """Find out, after a photo could not be read, whether the whole source went away.

        Raises:
            SourceMissing: it did.
            LoginRefused: it does not let us in any more.
        """


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The storage of photos that are files on this machine, or on a share that is mounted here.

    Attributes:
        top: the folder that was named as the source, without a slash at its end; empty if only the file was named.
        device: number of the file system it is on; 0 if it is not known.
    """

    top: str = ""
    device: int = 0

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading, at its beginning; nothing is waited for."""
        with _explained():
            return open(path, "rb", opener=_open_without_waiting)

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        """What the operating system says about a file."""
        with _explained():
            return self.identity_of(os.stat(path) if file is None else os.fstat(file.fileno()))

    def identity_of(self, status: os.stat_result) -> Identity:
        """The same, of a file that the operating system has been asked about."""
        return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def key(self, path: str) -> str:
        """The path itself."""
        return path

    def release(self, path: str) -> None:
        """Nothing was kept."""

    def check_source(self) -> None:
        """Make sure that the folder is there, on the disk or card it was on."""
        if self.device:
            check_folder(self.top, self.device)


def check_folder(folder: str, device: int) -> None:
    """Make sure that a folder is there, on the disk or card with this number.

    A card that was pulled out can still be mounted; its device is gone then.

    Raises:
        SourceMissing: it is not.
    """
    try:
        is_unmounted = os.stat(folder).st_dev != device
    except OSError as error:
        raise SourceMissing(f"{folder}: the source went away: {error.strerror}. {COME_BACK}") from error
    if is_unmounted or _is_pulled_out(device):
        raise SourceMissing(f"{folder}: the source went away: its card or disk is out. {COME_BACK}")


def _is_pulled_out(device: int) -> bool:
    """True for a disk that the system does not have any more.

    Source: Linux, Documentation/ABI/testing/sysfs-dev: a link for each block device.
    """
    major, minor = os.major(device), os.minor(device)
    is_disk = major != 0 and os.path.isdir("/sys/dev/block")
    return is_disk and not os.path.lexists(f"/sys/dev/block/{major}:{minor}")


def _open_without_waiting(path: str, flags: int) -> int:
    # Should the photo have become a FIFO, the open must not wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoVanished("is gone since it was found. Put it back if it is still wanted.") from error
    except OSError as error:
        raise cannot_be_read(error) from error


class FoundPhoto(NamedTuple):
    """A photo as its source saw it.

    A NamedTuple, because a million of them are made where nothing is to be done and it costs a
    third of a frozen dataclass.

    Attributes:
        path: the file, as the operating system spells it (undecodable bytes as surrogates), or the address the
            source gives it, with `/` before its name.
        device: of its `identity`, like the next four: kept side by side, because that costs less than a value in
            a value.
        inode: likewise.
        size_bytes: length of the file.
        mtime_ns: last change of the content [nanoseconds since 1970].
        ctime_ns: likewise.
        storage: where it is opened.
        companions: files that belong to it and leave with it: its XMP sidecars, the other half of a pair, the video
            of a Live Photo. They may be no pair after all: only their names are known when they are found.
        shown_by: path of the photo that is uploaded instead of this one, if the two turn out to be a pair.
    """

    path: str
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    storage: Storage = LocalFiles()
    companions: tuple["FoundPhoto", ...] = ()
    shown_by: str | None = None

    @classmethod
    def from_stat(cls, path: str, status: os.stat_result) -> "FoundPhoto":
        """The file at `path`, as the operating system describes it."""
        return cls(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return os.path.basename(self.path)

    @property
    def identity(self) -> Identity:
        """How it looked when it was found."""
        return Identity(self.device, self.inode, self.size_bytes, self.mtime_ns, self.ctime_ns)

    def found_again(self) -> "FoundPhoto":
        """The photo as it looks now.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: that cannot be found out.
        """
        return FoundPhoto(self.path, *self.storage.identity(self.path), self.storage, self.companions, self.shown_by)

    def open(self) -> BinaryIO:
        """The photo at its beginning, for reading only, which is the one that was found.

        Raises:
            PhotoVanished: there is no such photo any more.
            PhotoChanged: it was written, replaced or renamed since it was found.
            DownloadError: it cannot be opened.
        """
        file = self.storage.open(self.path)
        try:
            self.check_unchanged(file)
        except DownloadError:
            file.close()
            raise
        return file

    def check_unchanged(self, file: BinaryIO) -> None:
        """Make sure that an open file is still the very file and content that was found.

        Raises:
            PhotoChanged: it is not.
        """
        if self.storage.identity(self.path, file) != self.identity:
            raise PhotoChanged(
                "changed while it was read (somebody is still writing it). It is taken up again on the next run."
            )


def cannot_be_read(error: OSError) -> DownloadError:
    """The error for a file the operating system does not let us read.

    Args:
        error: what the operating system said.

    Returns:
        An error to raise, worded for a person.
    """
    return DownloadError(f"cannot be read: {error.strerror}. Check its permissions and the card or disk it is on.")
