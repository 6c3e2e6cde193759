"""Folders whose entries are on the disk, not only in memory."""

import os
from contextlib import suppress


def sync_folder(path: str) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ensure_folder(path: str) -> None:
    """Create a folder and its missing parents, and sync every name that is new.

    Args:
        path: absolute path.

    Raises:
        OSError: it cannot be created, or something that is no folder stands in the way.
    """
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent == path:
        raise NotADirectoryError(f"{path} is not a folder")
    ensure_folder(parent)
    with suppress(FileExistsError):
        os.mkdir(path)
    if not os.path.isdir(path):
        raise NotADirectoryError(f"{path} is not a folder")
    sync_folder(parent)
