"""HEIF and AVIF files with boxes that no encoder here writes."""

import struct


def with_property(data: bytes, box: bytes) -> bytes:
    """Give the picture of a simple HEIF or AVIF file one more property, behind those it has.

    Args:
        data: a file of one `meta` box whose items stand behind it.
        box: the whole property, with its length and type.
    """
    count = _children(data, _find(data, b"ipco"))
    grown = _inserted(data, [b"meta", b"iprp", b"ipco"], _end(data, _find(data, b"ipco")), box)
    ipma = _find(grown, b"ipma")
    assert grown[ipma + 8] == 0, "version 0"
    amount = ipma + 8 + 4 + 4 + 2  # head, version and flags, number of items, first item
    changed = bytearray(grown)
    changed[amount] += 1
    essential = 0x80 | (count + 1)
    data = _inserted(bytes(changed), [b"meta", b"iprp", b"ipma"], amount + 1 + grown[amount], bytes([essential]))
    return _moved(data, len(box) + 1)


def with_auxiliary(data: bytes, kind: str) -> bytes:
    """Make the last picture of a file auxiliary to the first. Source: ISO/IEC 23008-12, 6.4.4 and 6.5.8.

    Args:
        data: a file of one `meta` box and several pictures, which stand behind it.
        kind: what the auxiliary picture is, as a URN.
    """
    name = kind.encode() + b"\0"
    box = struct.pack(">I4sI", 12 + len(name), b"auxC", 0) + name
    number = _children(data, _find(data, b"ipco")) + 1
    grown = _inserted(data, [b"meta", b"iprp", b"ipco"], _end(data, _find(data, b"ipco")), box)
    ipma = _find(grown, b"ipma")
    place = ipma + 8 + 4 + 4
    for _ in range(int.from_bytes(grown[ipma + 12 : ipma + 16], "big") - 1):
        place += 3 + grown[place + 2]
    changed = bytearray(grown)
    changed[place + 2] += 1
    item = int.from_bytes(changed[place : place + 2], "big")
    behind = place + 3 + grown[place + 2]
    grown = _inserted(bytes(changed), [b"meta", b"iprp", b"ipma"], behind, bytes([0x80 | number]))
    reference = struct.pack(">I4sII4sHHH", 26, b"iref", 0, 14, b"auxl", item, 1, 1)
    grown = _inserted(grown, [b"meta"], _find(grown, b"iprp"), reference)
    return _moved(grown, len(box) + 1 + len(reference))


def _find(data: bytes, kind: bytes) -> int:
    return data.index(kind) - 4


def _end(data: bytes, start: int) -> int:
    return start + int.from_bytes(data[start : start + 4], "big")


def _children(data: bytes, start: int) -> int:
    place, count = start + 8, 0
    while place < _end(data, start):
        place, count = _end(data, place), count + 1
    return count


def _inserted(data: bytes, parents: list[bytes], place: int, new: bytes) -> bytes:
    changed = bytearray(data)
    for parent in parents:
        start = _find(data, parent)
        struct.pack_into(">I", changed, start, int.from_bytes(data[start : start + 4], "big") + len(new))
    return bytes(changed[:place]) + new + bytes(changed[place:])


def _moved(data: bytes, by: int) -> bytes:
    """Correct the places of the items, which stand behind the box that has grown."""
    iloc = _find(data, b"iloc")
    version, sizes = data[iloc + 8], data[iloc + 12 : iloc + 14]
    offset_size, length_size, base_size, index_size = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15
    assert offset_size == 4, "offsets of four bytes"
    changed, place = bytearray(data), iloc + 16
    for _ in range(int.from_bytes(data[iloc + 14 : iloc + 16], "big")):
        method = 0
        if version:
            method, place = data[place + 3] & 15, place + 2
        place += 2 + 2 + base_size
        extents, place = int.from_bytes(data[place : place + 2], "big"), place + 2
        for _ in range(extents):
            place += index_size if version else 0
            if method == 0:
                struct.pack_into(">I", changed, place, int.from_bytes(data[place : place + 4], "big") + by)
            place += offset_size + length_size
    return bytes(changed)


def clap(width: int, height: int, right_px: int, down_px: int) -> bytes:
    """A box that crops to a size around a centre that is moved. Source: ISO/IEC 14496-12, 12.1.4."""
    return struct.pack(">I4s8i", 40, b"clap", width, 1, height, 1, right_px, 1, down_px, 1)


def irot(quarter_turns: int) -> bytes:
    """A box that turns, against the clock. Source: ISO/IEC 23008-12, 6.5.10."""
    return struct.pack(">I4sB", 9, b"irot", quarter_turns)


def imir(axis: int) -> bytes:
    """A box that mirrors: 0 puts top and bottom in each other's place, 1 left and right. Source: 6.5.12."""
    return struct.pack(">I4sB", 9, b"imir", axis)
