"""Whether a watched folder is still the one it was, although a path stays the same."""

import os
import select
import sys
from typing import NamedTuple

from photopipe.download.file_systems.mounts import Mount, mount_of, mounts

MOUNT_TABLE = "/proc/self/mounts"


class Place(NamedTuple):
    """What is at a path.

    Attributes:
        device: number of the file system that the folder is on.
        inode: the folder's own number.
        file_systems: the one it is on, then those that are mounted in folders below it.
    """

    device: int
    inode: int
    file_systems: tuple[Mount, ...]


class Lookout:
    """Looks at a folder every few seconds, at the cost of two system calls.

    Args:
        folder: its absolute path.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file_systems: tuple[Mount, ...] = ()
        self._mount_table = open(MOUNT_TABLE, "rb") if sys.platform == "linux" else None  # noqa: SIM115 - see `close`
        self._poll = select.poll()
        if self._mount_table is not None:
            self._poll.register(self._mount_table, select.POLLPRI)

    def look(self) -> Place | None:
        """What is there now; None if there is no such folder."""
        try:
            status = os.stat(self._folder)
        except OSError:
            return None
        if not self._file_systems or self._may_be_mounted_anew():
            self._file_systems = mount_of(self._folder), *self._mounts_below()
        return Place(status.st_dev, status.st_ino, self._file_systems)

    def close(self) -> None:
        """Look no more."""
        if self._mount_table is not None:
            self._mount_table.close()

    def _may_be_mounted_anew(self) -> bool:
        """False if nothing was mounted or unmounted; on Linux the mount table is then not even read."""
        return self._mount_table is None or bool(self._poll.poll(0))

    def _mounts_below(self) -> list[Mount]:
        above = os.path.join(os.path.realpath(self._folder), "")
        return [mount for mount in mounts() if mount.mount_point.startswith(above)]
