"""What a FAT or exFAT volume is known by, whatever device file it has today and wherever it is mounted."""

import os
import re
import sys
from typing import Final

from photopipe.download.file_systems.boot_sector import read_serial
from photopipe.download.file_systems.mounts import Mount, is_fat

LINKS_BY_ID: Final = "/dev/disk/by-uuid"
FAT_SERIAL: Final = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")
"""How udev spells the serial number of FAT and exFAT; the identifiers of other file systems are longer."""
NO_SERIALS: Final = frozenset({"0000-0000", "FFFF-FFFF"})
DISKUTIL_TIMEOUT_S: Final = 10


def volume_id(mount: Mount) -> str | None:
    """The identifier of a mounted FAT or exFAT volume: what formatting has written on it.

    Returns:
        None if the file system is another one, or if the identifier cannot be found out: then a volume that is
        mounted at another place cannot be recognised.
    """
    if not may_be_fat(mount):
        return None
    if sys.platform == "darwin":
        return _told_by_diskutil(mount.device)
    return _told_by_udev(mount.device) or read_serial(mount.device)


def may_be_fat(mount: Mount) -> bool:
    """True for FAT and exFAT, and for what programs mount from a device, which may be exFAT."""
    return is_fat(mount.kind) or (mount.kind.startswith("fuse") and mount.device.startswith("/dev/"))


def _told_by_udev(device: str) -> str | None:
    try:
        number = os.stat(device).st_rdev
        names = os.listdir(LINKS_BY_ID)
    except OSError:
        return None
    return next(
        (name for name in names if _is_serial(name) and _leads_to(os.path.join(LINKS_BY_ID, name), number)), None
    )


def _is_serial(name: str) -> bool:
    return FAT_SERIAL.fullmatch(name) is not None and name not in NO_SERIALS


def _leads_to(link: str, device_number: int) -> bool:
    try:
        return os.stat(link).st_rdev == device_number
    except OSError:  # a card that was taken out just now
        return False


def _told_by_diskutil(device: str) -> str | None:
    """The identifier that macOS derives from the serial number.

    Source: diskutil(8), "info -plist".
    """
    import plistlib
    import subprocess

    try:
        answer = subprocess.run(
            ["diskutil", "info", "-plist", device], capture_output=True, check=True, timeout=DISKUTIL_TIMEOUT_S
        )
        known = plistlib.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, plistlib.InvalidFileException):
        return None
    return known.get("VolumeUUID") or None
