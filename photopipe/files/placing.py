"""Files that are whole or not there: written under a temporary name, on the disk before they get their own.

A file never takes the name of another. A temporary file is locked while it is being written, so that those
which a killed process left behind can be recognised and removed.
"""

import errno
import fcntl
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Final

from photopipe.files.rename_new import rename_new

_TEMPORARY: Final = re.compile(r"\..+\.part-[0-9a-f]{8}\Z", re.DOTALL)
NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""Errors of file systems on which this file cannot have a second name."""
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""Errors of file systems that cannot sync a folder to the disk, as of many network shares."""
_LEFTOVER_AGE_S: Final = 24 * 3600.0
"""Where there are no locks, a temporary file nobody has written to for this long is left over."""


class Placed(Enum):
    """What became of a file that wanted a name."""

    CREATED = auto()
    ALREADY_THERE = auto()  # the same bytes had this name
    TAKEN = auto()  # something else has this name; nothing was changed


class TemporaryFile:
    """A file that is being written.

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
        descriptor, path = _new_locked_file(*os.path.split(final_path))
        file = cls(path, descriptor)
        try:
            yield file
        finally:
            os.close(descriptor)
            file.discard()

    def write(self, data: bytes) -> None:
        """Write all of it at the end."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def discard(self) -> None:
        """Remove the temporary name now; the file stays if it has got another one."""
        with suppress(FileNotFoundError):
            os.unlink(self.path)

    def finish(self, modified_at_s: float | None = None) -> None:
        """Wait until all of it is on the disk.

        Args:
            modified_at_s: the time the file is to show, or None for now [seconds since 1970].
        """
        if modified_at_s is not None:
            with suppress(OverflowError):
                os.utime(self._descriptor, (modified_at_s, modified_at_s))
        os.fsync(self._descriptor)


def put_file(
    pieces: Iterable[bytes],
    paths: Sequence[str],
    top: str,
    sha256: str,
    size_bytes: int,
    *,
    modified_at_s: float | None,
) -> tuple[Placed, str]:
    """Write a file, and give it the first name it can have.

    Args:
        pieces: its content.
        paths: the names it may have in its folder, absolute, the better ones first.
        top: see `ensure_folder`; other folders are created.
        sha256: hash of the content.
        size_bytes: its length.
        modified_at_s: see `TemporaryFile.finish`.

    Returns:
        CREATED or ALREADY_THERE with the path that holds it; TAKEN with the last one if none of them can.

    Raises:
        OSError: it cannot be written, or its name cannot be synced to the disk.
    """
    ensure_folder(os.path.dirname(paths[0]), top)
    with TemporaryFile.open(paths[0]) as temporary:
        for piece in pieces:
            temporary.write(piece)
        temporary.finish(modified_at_s)
        for path in paths:
            placed = place(temporary.path, path, sha256, size_bytes)
            if placed is not Placed.TAKEN:
                break
    return placed, path


def place(path: str, final_path: str, sha256: str, size_bytes: int, *, is_alone: bool = False) -> Placed:
    """Give a finished file its name, unless that is taken; then the name is on the disk.

    Where there are neither hard links nor renames that replace nothing, the name is taken with an empty file first,
    which the finished one then replaces: no file is overwritten, but a kill between the two leaves the empty file.

    Args:
        path: the file under its temporary name, on the same file system.
        final_path: the name it wants, in a folder that exists.
        sha256: hash of its content.
        size_bytes: its length.
        is_alone: True if nothing else gives names there meanwhile. Then the name is removed again if it cannot be
            synced, and no empty file is needed.

    Raises:
        OSError: the name cannot be given, or cannot be synced to the disk.
    """
    try:
        _give_name(path, final_path, is_alone=is_alone)
    except FileExistsError:
        if not holds(final_path, sha256, size_bytes):
            return Placed.TAKEN
        sync_folder(os.path.dirname(final_path))  # whoever gave it the name may not have waited for that
        return Placed.ALREADY_THERE
    try:
        sync_folder(os.path.dirname(final_path))
    except OSError:
        if is_alone:
            os.unlink(final_path)
        raise
    return Placed.CREATED


def move(path: str, final_path: str) -> None:
    """Give a file another name, which nothing has, where nothing else gives names meanwhile; then that is on the disk.

    Args:
        path: the file.
        final_path: its new name, in a folder that exists on the same file system.

    Raises:
        FileExistsError: something has that name.
        OSError: it cannot be renamed, or the names cannot be synced to the disk. The file has its old name.
    """
    if not rename_new(path, final_path):
        _rename_in_two_steps(path, final_path, is_alone=True)
    try:
        sync_folder(os.path.dirname(final_path))
        sync_folder(os.path.dirname(path))
    except OSError:
        os.rename(final_path, path)
        raise


def holds(path: str, sha256: str, size_bytes: int) -> bool:
    """True if there is a plain file of this name with these very bytes."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size != size_bytes:
            return False
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (FileNotFoundError, NotADirectoryError):
        return False


def ensure_folder(path: str, top: str = "/") -> None:
    """Create a folder and its missing parents, each with its name on the disk.

    Args:
        path: absolute path.
        top: a folder above it, or the same, that must be there already: it is never created.

    Raises:
        OSError: it cannot be created, or something that is no folder stands in the way.
    """
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if path in (top, parent):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    ensure_folder(parent, top)
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None
    sync_folder(parent)


def sync_file(path: str) -> None:
    """Wait until all of a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: str) -> None:
    """Sync the names in a folder to the disk, where the file system can do that."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def sweep(folder: str, *, has_nothing_else: bool = False) -> None:
    """Remove the temporary files that are no longer being written: those of processes that were killed.

    Args:
        folder: where they may be; it may be missing.
        has_nothing_else: True if every file there is a temporary one, whatever its name.
    """
    for path in _temporary_files(folder, has_nothing_else=has_nothing_else):
        with _if_left_over(path) as is_left_over, suppress(OSError):
            if is_left_over:
                os.unlink(path)


def left_over_files(folder: str, *, has_nothing_else: bool = False) -> Iterator[str]:
    """The files that `sweep` would remove."""
    for path in _temporary_files(folder, has_nothing_else=has_nothing_else):
        with _if_left_over(path) as is_left_over:
            if is_left_over:
                yield path


def _temporary_files(folder: str, *, has_nothing_else: bool) -> Iterator[str]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            is_temporary = has_nothing_else or _TEMPORARY.match(entry.name)
            if is_temporary and entry.is_file(follow_symlinks=False):
                yield entry.path


def _new_locked_file(folder: str, name: str) -> tuple[int, str]:
    while True:
        path = os.path.join(folder, f".{name}.part-{os.urandom(4).hex()}")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        # A sweep may have come in between: then take another.
        if _lock(descriptor) is not False and os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """True if the file is locked for us now, False if another process has it, None if this disk has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _give_name(path: str, final_path: str, *, is_alone: bool) -> None:
    try:
        os.link(path, final_path)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
    else:
        return
    if not rename_new(path, final_path):
        _rename_in_two_steps(path, final_path, is_alone=is_alone)


def _rename_in_two_steps(path: str, final_path: str, *, is_alone: bool) -> None:
    if is_alone:
        if os.path.lexists(final_path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), final_path)
        os.rename(path, final_path)
        return
    os.close(os.open(final_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    try:
        os.rename(path, final_path)
    except OSError:
        os.unlink(final_path)
        raise


@contextmanager
def _if_left_over(path: str) -> Iterator[bool]:
    """Whether nobody writes to a file any more; it is locked inside the block, where there are locks."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        yield False  # gone, or not ours
        return
    try:
        is_left_over = _lock(descriptor)
        if is_left_over is None:
            is_left_over = time.time() - os.fstat(descriptor).st_mtime > _LEFTOVER_AGE_S
        yield is_left_over
    finally:
        os.close(descriptor)
