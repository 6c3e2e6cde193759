"""The memory cards that are in: mounted volumes that a camera has written on."""

import os
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from photopipe.download.file_systems.mounts import Mount, is_fat, is_network, mounts
from photopipe.download.file_systems.volume_id import volume_id

REMOVABLE_PLACES: Final = ("/media/", "/run/media/", "/Volumes/")
"""Where desktops mount what is plugged in. Source: Filesystem Hierarchy Standard 3.0, 3.11; udisks(8)."""
LABEL_LINKS: Final = "/dev/disk/by-label"
PHOTOS_FOLDER: Final = "dcim"
"""Lower case. Source: JEITA CP-3461, "Design rule for Camera File system", 3.2."""


class Card(NamedTuple):
    """A card, or whatever else is removable and has a folder that a camera made.

    Attributes:
        label: its name; that of the folder it is mounted on if it has none.
        mount_point: the folder it is mounted on.
        photos_folder: the camera's folder, `DCIM`.
        file_system: name that the operating system has for its kind, such as `exfat`.
        size_bytes: how much fits on it.
        free_bytes: how much of that is free.
    """

    label: str
    mount_point: str
    photos_folder: str
    file_system: str
    size_bytes: int
    free_bytes: int


def cards() -> list[Card]:
    """Every card that is in, in the order they were mounted. The system's own disk is none."""
    found: dict[str, Card] = {}
    for mount in mounts():
        if is_removable(mount):
            for card in _card_on(mount):
                found.setdefault(mount.device, card)
    return list(found.values())


def is_removable(mount: Mount) -> bool:
    """True for a volume that looks like one that was plugged in: by where it is mounted, or because it is FAT or exFAT.

    Never for a network share, nor for what the system's root is on.
    """
    if not _is_on_its_own(mount):
        return False
    if is_fat(mount.kind) or volume_id(mount) is not None:
        return True
    return not is_network(mount.kind) and mount.mount_point.startswith(REMOVABLE_PLACES)


def _is_on_its_own(mount: Mount) -> bool:
    """True if the system's root is on another device, as far as that can be found out without asking a server."""
    if is_network(mount.kind) and not mount.device.startswith("/dev/"):
        return False
    device = _device_number(mount.mount_point)
    return device is not None and device != _device_number(os.sep)


def _device_number(path: str) -> int | None:
    try:
        return os.stat(path).st_dev
    except OSError:
        return None


def _card_on(mount: Mount) -> Iterator[Card]:
    """The card on a removable volume, if it has a camera's folder."""
    try:
        with os.scandir(mount.mount_point) as entries:
            folder = next((one.path for one in entries if one.name.lower() == PHOTOS_FOLDER and one.is_dir()), None)
        usage = os.statvfs(mount.mount_point)
    except OSError:  # taken out just now, or not ours to read
        return
    if folder is not None:
        size_bytes, free_bytes = (blocks * usage.f_frsize for blocks in (usage.f_blocks, usage.f_bavail))
        yield Card(label_of(mount), mount.mount_point, folder, mount.kind, size_bytes, free_bytes)


def label_of(mount: Mount) -> str:
    """The label of a volume; the name of the folder it is mounted on if that cannot be found out."""
    return _label_by_udev(mount.device) or os.path.basename(mount.mount_point)


def _label_by_udev(device: str) -> str | None:
    try:
        number = os.stat(device).st_rdev
        names = os.listdir(LABEL_LINKS)
        own = [name for name in names if os.stat(os.path.join(LABEL_LINKS, name)).st_rdev == number]
    except OSError:
        return None
    return _unescaped(own[0]) if own else None


def _unescaped(name: str) -> str:
    r"""A label as it was before udev wrote it as a file name, with `\x20` for a blank."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), os.fsencode(name))
    return os.fsdecode(raw)
