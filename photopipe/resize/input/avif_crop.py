"""The part of an AVIF picture that is to be shown: Pillow applies the file's rotation, but not its crop."""

import struct
from fractions import Fraction
from typing import BinaryIO

from photopipe.resize.containers.iso_boxes import boxes

Box = tuple[int, int, int, int]


def avif_crop(file: BinaryIO, size: tuple[int, int]) -> Box | None:
    """Find the crop of an AVIF's main picture.

    Args:
        file: its position is moved.
        size: width and height as stored [px].

    Returns:
        Left, upper, right, lower [px], within `size`; None for the whole picture, or if the crop is not valid.

    Source:
        ISO/IEC 14496-12, 12.1.4.2 (clean aperture); ISO/IEC 23008-12, 6.5.9; AVIF 1.1, 8.
    """
    aperture = _aperture(file)
    if aperture is None:
        return None
    width, height, right, down = aperture
    left = Fraction(size[0] - 1, 2) + right - (width - 1) / 2
    upper = Fraction(size[1] - 1, 2) + down - (height - 1) / 2
    box = (round(left), round(upper), round(left + width), round(upper + height))
    inside = 0 <= box[0] < box[2] <= size[0] and 0 <= box[1] < box[3] <= size[1]
    return box if inside and box != (0, 0, *size) else None


def _aperture(file: BinaryIO) -> list[Fraction] | None:
    """The four numbers of the main item's `clap` property."""
    found = _meta(file)
    if {b"pitm", b"ipco", b"ipma"} - found.keys():
        return None
    item = _main_item(file, found[b"pitm"][0])
    properties = list(boxes(file, *found[b"ipco"]))
    for index in _properties_of(file, found[b"ipma"], item):
        if 0 < index <= len(properties) and properties[index - 1][0] == b"clap":
            file.seek(properties[index - 1][1])
            numbers = struct.unpack(">iIiIiIiI", file.read(32).ljust(32, b"\0"))
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            return None if any(below == 0 for _, below in pairs) else [Fraction(*pair) for pair in pairs]
    return None


def _meta(file: BinaryIO) -> dict[bytes, tuple[int, int]]:
    """Content and end of the boxes inside `meta` and its `iprp`, by type."""
    found: dict[bytes, tuple[int, int]] = {}
    waiting = [(start, end) for kind, start, end in boxes(file) if kind == b"meta"][:1]
    if waiting:
        start, end = waiting[0]
        found = {kind: (inner, after) for kind, inner, after in boxes(file, start + 4, end)}
        found |= {kind: (inner, after) for kind, inner, after in boxes(file, *found.get(b"iprp", (0, 0)))}
    return found


def _main_item(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    data = file.read(8)
    return int.from_bytes(data[4:6] if data[:1] == b"\0" else data[4:8], "big")


def _properties_of(file: BinaryIO, box: tuple[int, int], item: int) -> list[int]:
    """Numbers of an item's properties, from 1. Source: ISO/IEC 23008-12, 9.3.1 (ipma)."""
    file.seek(box[0])
    data = file.read(min(box[1] - box[0], 1 << 20))
    id_bytes = 2 if data[:1] == b"\0" else 4
    index_bytes = 2 if data[3:4] and data[3] & 1 else 1
    at = 8
    while at + id_bytes < len(data):
        found = int.from_bytes(data[at : at + id_bytes], "big")
        count = data[at + id_bytes]
        at += id_bytes + 1
        if found == item:
            mask = 0x7FFF if index_bytes == 2 else 0x7F
            ends = range(at, min(at + count * index_bytes, len(data)), index_bytes)
            return [int.from_bytes(data[start : start + index_bytes], "big") & mask for start in ends]
        at += count * index_bytes
    return []
