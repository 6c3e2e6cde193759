"""Replacing a file as a whole: readers see the old content or the new, even after a power cut."""

import os
import stat
from contextlib import suppress

from photopipe.files.placing import sync_folder


def replace_file(path: str, data: bytes, mode: int | None = None) -> None:
    """Write a file under a temporary name beside it, and rename it when it is on the disk.

    A link is followed: the file it leads to is replaced, and the link stays.

    Args:
        path: the file, or a link to it; its folder exists.
        data: all of its new content.
        mode: permissions of a new file, or None for what the umask allows. An existing file keeps its own.

    Raises:
        OSError: it cannot be written; an existing file is as it was.
    """
    path = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.urandom(4).hex()}.part")
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(os.stat(path).st_mode)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode or 0o666)
    try:
        with open(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(os.path.dirname(path))
