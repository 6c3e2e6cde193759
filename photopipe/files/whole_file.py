"""Files that are whole or not there: written under a temporary name, on the disk before they get their own."""

import errno
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Final

_TEMPORARY: Final = re.compile(r"\..+\.part-[0-9a-f]{8}\Z", re.DOTALL)
_NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What file systems say that cannot wait for a folder to be on the disk: many shares."""
OLD_S: Final = 86_400.0
"""Where there are no locks, a temporary file nobody has written to for this long is left over."""


class Placed(Enum):
    """What became of a file that wanted a name."""

    CREATED = auto()
    TAKEN = auto()


class TemporaryFile:
    """A file that is being written, locked so that it is not taken for a leftover.

    Args:
        path: its temporary name.
        descriptor: the open file.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def open(cls, final_path: str) -> Iterator["TemporaryFile"]:
        """A new, empty file beside the place it is meant for; its temporary name is gone when the block is left."""
        folder, name = os.path.split(final_path)
        path = os.path.join(folder, f".{name}.part-{secrets.token_hex(4)}")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            with suppress(OSError):  # no locks here: its age has to do
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield cls(path, descriptor)
        finally:
            os.close(descriptor)
            with suppress(FileNotFoundError):
                os.unlink(path)

    @staticmethod
    def sweep(folder: str) -> None:
        """Remove the temporary files nobody writes to any more: those of runs that were killed."""
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if _TEMPORARY.match(entry.name) and entry.is_file(follow_symlinks=False):
                    _remove_if_left_over(entry.path)

    def write(self, data: bytes) -> None:
        """Write all of it at the end."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def finish(self, modified_at_s: float | None) -> None:
        """Wait until all of it is on the disk.

        Args:
            modified_at_s: the time the file is to show, or None for now [seconds since 1970].
        """
        if modified_at_s is not None:
            with suppress(OverflowError):
                os.utime(self._descriptor, (modified_at_s, modified_at_s))
        os.fsync(self._descriptor)


def place(temporary: TemporaryFile, final_path: str) -> Placed:
    """Give a finished file its name, unless that is taken; then the name is on the disk.

    Where there are no hard links, the name is taken with an empty file first, which the finished one
    then replaces: nobody is overwritten, but a power cut between the two leaves the empty file.
    """
    try:
        _name(temporary.path, final_path)
    except FileExistsError:
        return Placed.TAKEN
    sync_folder(os.path.dirname(final_path))
    return Placed.CREATED


def ensure_folders(top: str, below: str) -> None:
    """Make the missing folders of a path below one that is there; `top` itself is never made."""
    folder = top
    for part in below.split(os.sep) if below else []:
        parent, folder = folder, os.path.join(folder, part)
        try:
            os.mkdir(folder)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder) from None
        else:
            sync_folder(parent)


def sync_folder(folder: str) -> None:
    """Wait until the names in a folder are on the disk, where that can be waited for."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def _name(path: str, final_path: str) -> None:
    try:
        os.link(path, final_path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
    else:
        return
    os.close(os.open(final_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    try:
        os.rename(path, final_path)
    except OSError:
        os.unlink(final_path)
        raise


def _remove_if_left_over(path: str) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return  # gone, or not ours
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_left_over = True
    except BlockingIOError:
        is_left_over = False
    except OSError:
        is_left_over = time.time() - os.fstat(descriptor).st_mtime > OLD_S
    finally:
        os.close(descriptor)
    if is_left_over:
        with suppress(OSError):
            os.unlink(path)
