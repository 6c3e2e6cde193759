"""Write an EXIF block from scratch.

Pillow's writer guesses the type of most EXIF tags from the Python value, turns every character beyond ASCII into
`?` and raises on odd values. With a hundred tags of known types, writing them is shorter than working around that.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

BYTE: Final = 1
ASCII: Final = 2
SHORT: Final = 3
LONG: Final = 4
RATIONAL: Final = 5
UNDEFINED: Final = 7
SRATIONAL: Final = 10
EXIF_POINTER: Final = 34665
GPS_POINTER: Final = 34853
COLOR_SPACE: Final = 40961
UNCALIBRATED: Final = 65535
"""Any colour space but sRGB. Source: CIPA DC-008 (Exif), 4.6.5, tag 40961."""
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


def exif_block(main: Sequence[Field], exif: Iterable[Field], gps: Iterable[Field] = ()) -> bytes:
    """Serialise the directories.

    Args:
        main: entries of the main directory (IFD0).
        exif: entries of the Exif directory.
        gps: entries of the GPS directory; without any there is none.

    Returns:
        The content of a JPEG's APP1 segment, from `Exif` on; the same bytes for the same entries.
    """
    parts = [(EXIF_POINTER, list(exif)), (GPS_POINTER, list(gps))]
    behind = [(tag, fields) for tag, fields in parts if fields]
    offset = IFD0_OFFSET + len(_directory([*main, *(_pointer(tag, 0) for tag, _ in behind)], IFD0_OFFSET))
    pointers, directories = [], b""
    for tag, fields in behind:
        pointers.append(_pointer(tag, offset + len(directories)))
        directories += _directory(fields, offset + len(directories))
    head = struct.pack("<2sHI", b"II", 42, IFD0_OFFSET)
    return b"Exif\0\0" + head + _directory([*main, *pointers], IFD0_OFFSET) + directories


def uncalibrated(block: bytes) -> bytes:
    """Mark a block made by `exif_block` as that of a picture that is not in sRGB.

    Args:
        block: a block, or nothing.

    Returns:
        The block with ColorSpace 65535, if it has that entry.
    """
    entry = struct.pack("<HHI", COLOR_SPACE, SHORT, 1)
    for start in _entries(block, EXIF_POINTER):
        if block[start : start + 8] == entry:
            return block[: start + 8] + struct.pack("<H", UNCALIBRATED) + block[start + 10 :]
    return block


def _entries(block: bytes, pointer: int) -> Iterator[int]:
    """The offsets of the entries of a directory that the main directory points to."""
    for start in _entries_at(block, IFD0_OFFSET):
        tag, offset = struct.unpack_from("<H6xI", block, start)
        if tag == pointer:
            yield from _entries_at(block, offset)


def _entries_at(block: bytes, offset: int) -> Iterator[int]:
    first = len(b"Exif\0\0") + offset
    count = struct.unpack_from("<H", block, first)[0] if block else 0
    yield from range(first + 2, first + 2 + 12 * count, 12)


def _pointer(tag: int, offset: int) -> Field:
    return Field(tag, LONG, 1, struct.pack("<I", offset))


def _directory(fields: Iterable[Field], offset: int) -> bytes:
    ordered = sorted(fields, key=lambda field: field.tag)
    entries, values = b"", b""
    values_offset = offset + 2 + 12 * len(ordered) + 4
    for field in ordered:
        data_or_offset = field.data
        if len(field.data) > 4:  # longer values follow the directory, at even offsets
            data_or_offset = struct.pack("<I", values_offset + len(values))
            values += field.data + bytes(len(field.data) % 2)
        entries += struct.pack("<HHI4s", field.tag, field.type, field.count, data_or_offset)
    return struct.pack("<H", len(ordered)) + entries + bytes(4) + values
