"""The lock that keeps an index from being replaced while somebody uses it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from photopipe.errors import GalleryBroken
from photopipe.gallery.index.index import state_folder


@contextmanager
def index_in_use(folder: str) -> Iterator[None]:
    """Keep the index as it is inside the block; any number of processes can do that at once.

    Raises:
        GalleryBroken: it is being replaced.
        OSError: the lock's file cannot be opened.
    """
    with _locked(folder, fcntl.LOCK_SH, "its index is being rebuilt. Try again when that is done."):
        yield


@contextmanager
def index_unused(folder: str) -> Iterator[None]:
    """Keep everybody else from using the index inside the block.

    Raises:
        GalleryBroken: somebody uses it.
        OSError: the lock's file cannot be opened.
    """
    message = "its index is damaged and has to be replaced, but a gallery or a run uses it. Stop that first."
    with _locked(folder, fcntl.LOCK_EX, message):
        yield


@contextmanager
def _locked(folder: str, kind: int, message: str) -> Iterator[None]:
    path = os.path.join(state_folder(folder), "lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        with suppress(OSError):  # a disk that has no locks
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise GalleryBroken(f"the gallery in {folder} cannot be used: {message}") from error
        yield
    finally:
        os.close(descriptor)
