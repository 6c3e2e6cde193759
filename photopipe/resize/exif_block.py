"""Write an EXIF block from scratch.

Pillow's writer guesses the type of most EXIF tags from the Python value, turns every letter beyond ASCII into `?`
and raises on odd values; with some thirty tags of known types, writing them ourselves is shorter than guarding it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ASCII: Final = 2
SHORT: Final = 3
LONG: Final = 4
RATIONAL: Final = 5
UNDEFINED: Final = 7
SRATIONAL: Final = 10
EXIF_POINTER: Final = 34665
IFD0_OFFSET: Final = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a directory. Source: TIFF 6.0, section 2.

    Attributes:
        tag: number of the tag.
        type: one of the constants of this module.
        count: number of values.
        data: the values, little-endian.
    """

    tag: int
    type: int
    count: int
    data: bytes


def exif_block(main: Iterable[Field], exif: Iterable[Field]) -> bytes:
    """Serialise a main and an Exif directory.

    Args:
        main: entries of the main directory (IFD0).
        exif: entries of the Exif directory.

    Returns:
        The content of a JPEG's APP1 segment, from `Exif` on; the same bytes for the same entries.
    """
    exif_offset = IFD0_OFFSET + len(_directory([*main, _pointer(0)], IFD0_OFFSET))
    directory = _directory([*main, _pointer(exif_offset)], IFD0_OFFSET)
    return b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, IFD0_OFFSET) + directory + _directory(exif, exif_offset)


def _pointer(offset: int) -> Field:
    return Field(EXIF_POINTER, LONG, 1, struct.pack("<I", offset))


def _directory(fields: Iterable[Field], offset: int) -> bytes:
    ordered = sorted(fields, key=lambda field: field.tag)
    entries, values = b"", b""
    values_offset = offset + 2 + 12 * len(ordered) + 4
    for field in ordered:
        place = field.data
        if len(field.data) > 4:  # longer values stand behind the directory, on even offsets
            place = struct.pack("<I", values_offset + len(values))
            values += field.data + bytes(len(field.data) % 2)
        entries += struct.pack("<HHI4s", field.tag, field.type, field.count, place)
    return struct.pack("<H", len(ordered)) + entries + bytes(4) + values
