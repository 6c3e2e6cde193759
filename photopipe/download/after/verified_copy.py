"""A copy that is on the disk, and has been read back from it."""

import errno
import hashlib
import os
from contextlib import suppress

from photopipe.files.placing import TemporaryFile


def finish_and_verify(copy: TemporaryFile, sha256: str, mtime_ns: int) -> None:
    """Wait until a copy is on the disk, and compare what the disk gives back.

    Args:
        copy: everything is written.
        sha256: hash of what was to be written.
        mtime_ns: the time of its last change that the copy is to show [nanoseconds since 1970]; 0 for now.

    Raises:
        OSError: it cannot be written or read, or the disk gives back something else.
    """
    if mtime_ns:
        with suppress(OverflowError):
            os.utime(copy.path, ns=(mtime_ns, mtime_ns))
    copy.finish()
    if _hash_on_disk(copy.path) != sha256:
        raise OSError(errno.EIO, "the disk gave back other bytes than were written", os.path.dirname(copy.path))


def _hash_on_disk(path: str) -> str:
    with open(path, "rb") as file:
        if hasattr(os, "posix_fadvise"):  # so that it is not read from memory
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()
