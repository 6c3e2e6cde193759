"""The source file, open for reading, and still the one that was found."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from photopipe.errors import PhotoUnreadable
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
    with found.open() as file:
        try:
            yield file
        except PhotoUnreadable:
            found.check_unchanged(file)  # half a file is no broken picture while somebody writes the other half
            raise
        found.check_unchanged(file)
