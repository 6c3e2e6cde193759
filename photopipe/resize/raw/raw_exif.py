"""The EXIF of a RAW file, with the orientation of a picture made from the RAW.

A RAW built on TIFF can serve as an EXIF block itself: its first bytes are passed on, only the orientation changes.
"""

import io
import struct
from typing import IO, Final

from PIL import Image

from photopipe.resize.containers.tiff_directory import directories

ORIENTATION: Final = 274
SHORT: Final = 3
EXIF: Final = b"Exif\0\0"
BEGINNING_BYTES: Final = 1 << 20
"""Cameras write their directories before the pictures."""
TIFF_LIKE: Final = (b"II\x2a\0", b"MM\0\x2a", b"IIU\0", b"IIRO", b"IIRS", b"MMOR")


def exif_turned(file: IO[bytes], orientation: int, other: object = None) -> bytes:
    """Make the EXIF block of a picture that was made from a RAW file.

    Args:
        file: the RAW file; its position is moved.
        orientation: EXIF orientation the picture has, 1 to 8.
        other: a block to take if the RAW is not built on TIFF: that of its preview.

    Returns:
        A block with this orientation, and with all else that can be found.
    """
    file.seek(0)
    data = file.read(BEGINNING_BYTES)
    if data.startswith(TIFF_LIKE):
        magic = b"II\x2a\0" if data.startswith(b"II") else b"MM\0\x2a"
        turned = _turned(magic + data[4:], orientation)
        if turned:
            return turned
    if isinstance(other, bytes) and other.startswith(EXIF):
        turned = _turned(other[len(EXIF) :], orientation)
        if turned:
            return turned
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes()


def own_orientation(block: object) -> int | None:
    """The orientation in an EXIF block, 1 to 8; None if there is none."""
    if not isinstance(block, bytes):
        return None
    file = io.BytesIO(block.removeprefix(EXIF))
    first = next(directories(file, with_sub=False), None)
    value = first.number(file, ORIENTATION) if first else None
    return value if value in range(1, 9) else None


def _turned(tiff: bytes, orientation: int) -> bytes | None:
    """The same block with another orientation; None if it has no such entry."""
    first = next(directories(io.BytesIO(tiff), with_sub=False), None)
    entry = first.entries.get(ORIENTATION) if first else None
    if first is None or entry is None or entry[:2] != (SHORT, 1):
        return None
    turned = bytearray(EXIF + tiff)
    struct.pack_into(first.order + "H", turned, len(EXIF) + entry[2], orientation)
    return bytes(turned)
