"""Giving a file its final name without ever overwriting another."""

import enum
import errno
import hashlib
import os
import stat
from typing import Final

from photopipe.files.durable_folder import sync_folder

_NO_HARD_LINKS_HERE: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Placed(enum.Enum):
    """What became of a file that wanted a name."""

    CREATED = enum.auto()
    ADOPTED = enum.auto()  # the same bytes had this name already: a crash came before the index was written
    TAKEN = enum.auto()  # something else has this name; nothing was changed


def place(arrived_path: str, final_path: str, sha256: str, size_bytes: int) -> Placed:
    """Move a file to its final name if that name is free.

    Call it inside a write transaction: where there are no hard links, only that keeps others away
    between looking and renaming.

    Args:
        arrived_path: the file, synced, on the same file system.
        final_path: the name it wants, in a folder that exists.
        sha256: hash of its content.
        size_bytes: its length.

    Returns:
        What happened. Unless TAKEN, the name is on the disk.

    Raises:
        OSError: the name cannot be given; it has not been.
    """
    try:
        _move(arrived_path, final_path)
    except FileExistsError:
        if not _holds(final_path, sha256, size_bytes):
            return Placed.TAKEN
        sync_folder(os.path.dirname(final_path))
        return Placed.ADOPTED
    try:
        sync_folder(os.path.dirname(final_path))
    except OSError:
        os.unlink(final_path)
        raise
    return Placed.CREATED


def _move(arrived_path: str, final_path: str) -> None:
    try:
        os.link(arrived_path, final_path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS_HERE:
            raise
    else:
        os.unlink(arrived_path)
        return
    if os.path.lexists(final_path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), final_path)
    os.rename(arrived_path, final_path)


def _holds(path: str, sha256: str, size_bytes: int) -> bool:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode) or found.st_size != size_bytes:
        return False
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
