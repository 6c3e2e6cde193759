"""Which storage the photos of a folder have: it depends on the file system that the folder is on."""

import os
import time
from hashlib import blake2b
from typing import Final

from photopipe.download.file_systems.fat_volume import FatVolume
from photopipe.download.file_systems.mounts import is_fat, mount_of
from photopipe.download.file_systems.volume_id import volume_id
from photopipe.found_photo import LocalFiles

ELSEWHERE: Final = LocalFiles()


class FolderStorages:
    """The storages of one look at a source, which may reach over several file systems, as `/media/anna` does.

    To be made anew for each look: another card may have been put in since the last.

    Args:
        local: the storage of what is on other file systems.
    """

    def __init__(self, local: LocalFiles = ELSEWHERE) -> None:
        self._local = local
        self._by_device: dict[int, LocalFiles] = {}

    def of(self, folder: str) -> LocalFiles:
        """The storage of the photos that are directly in a folder.

        Args:
            folder: its absolute path, without a slash at its end; photos in it are to be spelled like this.
        """
        try:
            device = os.stat(folder).st_dev
        except OSError:  # gone: whoever looks at it says so
            return self._local
        known = self._by_device.get(device)
        if known is None or (isinstance(known, FatVolume) and not known.holds(folder)):
            known = self._by_device[device] = self._made_for(folder, device)
        return known

    def _made_for(self, folder: str, device: int) -> LocalFiles:
        if _is_other_disk(device):
            return self._local
        mount = mount_of(folder)
        known_by = volume_id(mount)
        if known_by is None:
            return self._local
        inside = os.path.relpath(os.path.realpath(folder), mount.mount_point)
        folder_key = f"fat:{known_by}" + ("" if inside == os.curdir else os.sep + inside)
        number = _number_of(known_by)
        return FatVolume(self._local.top, device, mount.mount_point, folder, folder_key, number, time.time_ns())


def _is_other_disk(device: int) -> bool:
    """True if Linux tells at once that a device has another file system: the library for mounts takes time to load."""
    number = f" {os.major(device)}:{os.minor(device)} "
    try:
        with open("/proc/self/mountinfo", errors="surrogateescape") as mounts:
            kinds = {line.partition(" - ")[2].partition(" ")[0] for line in mounts if number in line}
    except OSError:
        return False
    return bool(kinds) and not any(is_fat(kind) or kind.startswith("fuse") for kind in kinds)


def _number_of(known_by: str) -> int:
    """A number from 0 to 2**56 - 1 that is another for each identifier."""
    return int.from_bytes(blake2b(known_by.encode(), digest_size=7).digest(), "big")
