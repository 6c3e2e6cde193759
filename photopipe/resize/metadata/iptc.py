"""Read IPTC-IIM, the oldest of the three standards, into the XMP properties that replaced it.

It is never written: every program that reads it reads XMP too, and one text in two places soon differs.
"""

import struct
from collections.abc import Iterator
from typing import Final

from photopipe.resize.metadata.xmp_names import full_name

LONGEST_BLOCK: Final = 2_000_000
MARKER: Final = 0x1C
LONGEST_PLAIN: Final = 0x7FFF
"""The highest bit announces a length of more bytes; no text is that long."""
APPLICATION: Final = 2
CHARACTER_SET: Final = (1, 90)
UTF_8: Final = b"\x1b%G"
"""Source: ISO/IEC 2022 as used by IIM 4.2, dataset 1:90."""
NAMES: Final = {
    number: full_name(name)
    for number, name in {
        5: "dc:title",
        25: "dc:subject",
        40: "photoshop:Instructions",
        80: "dc:creator",
        85: "photoshop:AuthorsPosition",
        90: "photoshop:City",
        92: "Iptc4xmpCore:Location",
        95: "photoshop:State",
        100: "Iptc4xmpCore:CountryCode",
        101: "photoshop:Country",
        103: "photoshop:TransmissionReference",
        105: "photoshop:Headline",
        110: "photoshop:Credit",
        115: "photoshop:Source",
        116: "dc:rights",
        120: "dc:description",
        122: "photoshop:CaptionWriter",
    }.items()
}
"""Dataset of record 2 -> XMP property. Source: IPTC Photo Metadata Standard 2023.2, table of IIM mappings."""
DATE_CREATED: Final = 55
TIME_CREATED: Final = 60


def read_iptc(block: bytes) -> tuple[dict[str, list[str]], str]:
    """Parse a block as far as it is well-formed.

    Args:
        block: the datasets, from the first marker on.

    Returns:
        Texts by full XMP name; and the capture time, `20240501` or `20240501123310+0200`, or empty.
    """
    datasets = list(_datasets(block[:LONGEST_BLOCK]))
    is_utf_8 = any((record, number) == CHARACTER_SET and UTF_8 in data for record, number, data in datasets)
    found: dict[str, list[str]] = {}
    clock = {DATE_CREATED: "", TIME_CREATED: ""}
    for record, number, data in datasets:
        text = _decoded(data, is_utf_8=is_utf_8)
        if record == APPLICATION and number in NAMES and text:
            found.setdefault(NAMES[number], []).append(text)
        elif record == APPLICATION and number in clock:
            clock[number] = text
    return found, clock[DATE_CREATED] + (clock[TIME_CREATED] if clock[DATE_CREATED] else "")


def iptc_of_resources(resources: bytes) -> bytes:
    """Find the IPTC block among Photoshop's image resources.

    Args:
        resources: `8BIM` blocks one after another.

    Returns:
        The block; empty if there is none. Source: Adobe Photoshop File Formats Specification, image resources.
    """
    start = resources.find(b"8BIM\x04\x04")
    if start < 0 or len(resources) < start + 12:
        return b""
    name_size = 1 + resources[start + 6]
    size_at = start + 6 + name_size + name_size % 2
    if len(resources) < size_at + 4:
        return b""
    (size,) = struct.unpack_from(">I", resources, size_at)
    return resources[size_at + 4 : size_at + 4 + size]


def _datasets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield record, number and data of each dataset, up to the first that is malformed. Source: IIM 4.2, 1.5."""
    at = 0
    while at + 5 <= len(block) and block[at] == MARKER:
        _, record, number, length = struct.unpack_from(">BBBH", block, at)
        if length > LONGEST_PLAIN:
            return
        yield record, number, block[at + 5 : at + 5 + length]
        at += 5 + length


def _decoded(data: bytes, *, is_utf_8: bool) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace") if is_utf_8 else data.decode("latin-1")
    return text.strip("\0 \r\n\t")
