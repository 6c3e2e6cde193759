"""The metadata blocks of a HEIC or AVIF, found in its list of items without a decoder."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from photopipe.resize.containers.iso_boxes import boxes

MOST_ITEMS: Final = 4000
"""A grid of a large picture has some hundred tiles, each of them an item."""
IN_FILE, IN_LIST = 0, 1
"""Where an item's offset counts from. Source: ISO/IEC 14496-12, 8.11.3, construction_method."""


class _Place(NamedTuple):
    """Where an item is."""

    method: int
    offset: int
    length: int


def metadata_items(file: BinaryIO, longest: int) -> tuple[bytes, bytes]:
    """Find the EXIF and XMP of a file.

    Args:
        file: its position is moved.
        longest: longer blocks are not read [bytes].

    Returns:
        The EXIF block, as a TIFF, and the XMP packet; each empty if there is none.

    Source:
        ISO/IEC 14496-12, 8.11.3 (iloc), 8.11.6 (iinf); ISO/IEC 23008-12, annex A.
    """
    found = next(((start, end) for kind, start, end in boxes(file) if kind == b"meta"), None)
    if found is None:
        return b"", b""
    parts = {kind: (start, end) for kind, start, end in boxes(file, found[0] + 4, found[1])}
    names = _item_types(file, parts.get(b"iinf"))
    places = _item_places(_content(file, parts.get(b"iloc"), longest)) if names else {}
    blocks = {b"Exif": b"", b"mime": b""}
    for item, kind in names:
        place = places.get(item)
        if place is not None and not blocks[kind] and 0 < place.length <= longest:
            list_start = parts.get(b"idat", (0, 0))[0] if place.method == IN_LIST else 0
            file.seek(list_start + place.offset)
            blocks[kind] = file.read(place.length)
    exif = blocks[b"Exif"]
    return exif[4 + int.from_bytes(exif[:4], "big") :], blocks[b"mime"]


def _content(file: BinaryIO, part: tuple[int, int] | None, longest: int) -> bytes:
    if part is None or part[1] - part[0] > longest:
        return b""
    file.seek(part[0])
    return file.read(part[1] - part[0])


def _item_types(file: BinaryIO, part: tuple[int, int] | None) -> list[tuple[int, bytes]]:
    """Numbers of the items that are EXIF or XMP, with their type."""
    if part is None:
        return []
    start, end = part
    file.seek(start)
    head_bytes = 6 if file.read(1) == b"\0" else 8
    found = []
    for kind, content, stop in boxes(file, start + head_bytes, end):
        file.seek(content)
        entry = file.read(min(stop - content, 64))
        if kind != b"infe" or len(entry) < 12:
            continue
        number_bytes = 4 if entry[0] >= 3 else 2
        item, rest = int.from_bytes(entry[4 : 4 + number_bytes], "big"), entry[6 + number_bytes :]
        if rest.startswith(b"Exif") or (rest.startswith(b"mime") and b"\0application/rdf+xml" in rest):
            found.append((item, rest[:4]))
    return found


def _item_places(iloc: bytes) -> dict[int, _Place]:
    """The place of each item that is in one piece; empty for a box that is cut off."""
    try:
        return dict(_places(iloc))
    except (struct.error, IndexError):
        return {}


def _places(iloc: bytes) -> Iterator[tuple[int, _Place]]:
    version, sizes = iloc[0], (iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15 if iloc[0] else 0)
    offset_bytes, length_bytes, base_bytes, index_bytes = sizes
    number_bytes = 4 if version >= 2 else 2
    count, at = int.from_bytes(iloc[6 : 6 + number_bytes], "big"), 6 + number_bytes
    for _ in range(min(count, MOST_ITEMS)):
        item = int.from_bytes(iloc[at : at + number_bytes], "big")
        at += number_bytes
        method = iloc[at + 1] & 15 if version else IN_FILE
        at += 4 if version else 2
        base = int.from_bytes(iloc[at : at + base_bytes], "big")
        (extents,) = struct.unpack_from(">H", iloc, at + base_bytes)
        at += base_bytes + 2
        first = at + index_bytes
        offset = int.from_bytes(iloc[first : first + offset_bytes], "big")
        length = int.from_bytes(iloc[first + offset_bytes : first + offset_bytes + length_bytes], "big")
        at += extents * (index_bytes + offset_bytes + length_bytes)
        if extents == 1:
            yield item, _Place(method, base + offset, length)
