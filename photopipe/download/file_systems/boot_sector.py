"""The serial number that formatting has given a FAT or exFAT volume, read from the volume's first sector."""

import os
from typing import Final

SECTOR_BYTES: Final = 512
END_OF_SECTOR: Final = b"\x55\xaa"
BYTES_PER_SECTOR: Final = frozenset({512, 1024, 2048, 4096})
EXTENDED_BOOT_SIGNATURE: Final = 0x29
NO_SERIALS: Final = frozenset({0, 0xFFFFFFFF})
"""What is there on volumes that were given no serial number."""


def read_serial(device: str) -> str | None:
    """The serial number of the volume on a device file or in an image, as `1234-ABCD`.

    Returns:
        None if it is not FAT or exFAT, has no serial number, or may not be read.
    """
    try:
        descriptor = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        sector = os.read(descriptor, SECTOR_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return serial_in(sector)


def serial_in(sector: bytes) -> str | None:
    """The serial number in a volume's first sector, as `1234-ABCD`; None if it is not FAT or exFAT, or has none.

    Source: Microsoft, "FAT: General Overview of On-Disk Format" 1.03, `BS_VolID`; "exFAT file system
    specification", 3.1.11 `VolumeSerialNumber`.
    """
    if len(sector) < SECTOR_BYTES or sector[510:512] != END_OF_SECTOR:
        return None
    offset = _serial_offset(sector)
    serial = None if offset is None else int.from_bytes(sector[offset : offset + 4], "little")
    return None if serial is None or serial in NO_SERIALS else f"{serial >> 16:04X}-{serial & 0xFFFF:04X}"


def _serial_offset(sector: bytes) -> int | None:
    if sector[3:11] == b"EXFAT   ":
        return 100
    if not _is_fat(sector):
        return None
    fat_sectors = int.from_bytes(sector[22:24], "little")  # FAT12 and FAT16; FAT32 has 0 here
    offset = 39 if fat_sectors else 67
    return offset if sector[offset - 1] == EXTENDED_BOOT_SIGNATURE else None


def _is_fat(sector: bytes) -> bool:
    """True unless a field has a value that FAT does not allow, as NTFS and partition tables have."""
    bytes_per_sector, sectors_per_cluster = int.from_bytes(sector[11:13], "little"), sector[13]
    reserved_sectors, copies_of_fat = int.from_bytes(sector[14:16], "little"), sector[16]
    return (
        sector[0] in (0xEB, 0xE9)
        and bytes_per_sector in BYTES_PER_SECTOR
        and sectors_per_cluster.bit_count() == 1
        and reserved_sectors > 0
        and copies_of_fat in (1, 2)
    )
