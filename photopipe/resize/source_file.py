"""The source file, open for reading, and still the one that was found."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from photopipe.errors import DownloadError, PhotoChanged, PhotoUnreadable, PhotoVanished
from photopipe.photo import FoundPhoto


@contextmanager
def unchanged_file(found: FoundPhoto) -> Iterator[BinaryIO]:
    """Open a found photo and hold that it is the same before and after the block.

    Args:
        found: the file, with the stat values it must still have.

    Yields:
        The file at its beginning, for reading only.

    Raises:
        PhotoVanished: there is no such file any more.
        PhotoChanged: it was written, replaced or renamed since it was found, or while the block ran.
        DownloadError: the operating system cannot open it.
    """
    with os.fdopen(_open(found.path), "rb") as file:
        _check_unchanged(found, file)
        try:
            yield file
        except PhotoUnreadable:
            _check_unchanged(found, file)  # half a file is no broken picture while somebody writes the other half
            raise
        _check_unchanged(found, file)


def _open(path: str) -> int:
    try:
        # O_NONBLOCK: should the photo have become a FIFO, the open must not wait for a writer.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoVanished("is gone since it was found. Put it back if it is still wanted.") from error
    except OSError as error:
        raise cannot_be_read(error) from error


def cannot_be_read(error: OSError) -> DownloadError:
    """The error for a file the operating system does not let us read.

    Args:
        error: what the operating system said.

    Returns:
        An error to raise, worded for a person.
    """
    return DownloadError(f"cannot be read: {error.strerror}. Check its permissions and the card or disk it is on.")


def _check_unchanged(found: FoundPhoto, file: BinaryIO) -> None:
    if not found.is_same_file(os.fstat(file.fileno())):
        raise PhotoChanged(
            "changed while it was read (somebody is still writing it). It is taken up again on the next run."
        )
