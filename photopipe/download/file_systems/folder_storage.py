"""Which storage the photos of a folder have: it depends on the file system that the folder is on."""

import os
import time
from hashlib import blake2b
from typing import Final

from photopipe.download.file_systems.fat_volume import FatVolume
from photopipe.download.file_systems.mounts import mount_of
from photopipe.download.file_systems.volume_id import may_be_fat, volume_id
from photopipe.found_photo import LocalFiles

LOOK_AGAIN_S: Final = 1.0
"""How long what is known of a device is relied on: another may be plugged in under its number."""

_others: dict[int, float] = {}
"""Devices that are neither FAT nor exFAT, by their numbers, and until when that is relied on."""


def storage_in(folder: str, local: LocalFiles) -> LocalFiles:
    """The storage of the photos that are directly in a folder.

    A source may reach over several file systems, as `/media/anna` does, and another card may have been put in since it
    was last looked through: so the file system is looked up, as far as that costs little, for each folder.

    Args:
        folder: its absolute path, without a slash at its end; photos in it are to be spelled like this.
        local: their storage if the file system numbers its files.
    """
    try:
        device = os.stat(folder).st_dev
    except OSError:  # gone: whoever looks at it says so
        return local
    if time.monotonic() < _others.get(device, 0.0):
        return local
    mount = mount_of(folder)
    if not may_be_fat(mount):
        _others[device] = time.monotonic() + LOOK_AGAIN_S
        return local
    known_by = volume_id(mount)
    if known_by is None:
        return local
    inside = os.path.relpath(os.path.realpath(folder), mount.mount_point)
    folder_key = f"fat:{known_by}" + ("" if inside == os.curdir else os.sep + inside)
    return FatVolume(
        *(local.top, device, mount.mount_point, folder, folder_key),
        number=_number_of(known_by),
        first_seen_ns=time.time_ns(),
    )


def _number_of(known_by: str) -> int:
    """A number from 0 to 2**56 - 1 that is another for each identifier."""
    return int.from_bytes(blake2b(known_by.encode(), digest_size=7).digest(), "big")
