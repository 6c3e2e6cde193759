"""Combine what XMP, IPTC and a PNG's texts say about a photo in one set of XMP properties."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.iptc import read_iptc
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.metadata.xmp_names import CAPTION, CREATOR, DATES, PUBLIC, RIGHTS, TITLE, is_kept
from photopipe.resize.metadata.xmp_read import read_xmp, texts
from photopipe.resize.metadata.xmp_write import new_property, plain_property, xmp_packet

LONGEST_PACKET: Final = 65_000
"""A JPEG segment holds 65502 bytes of XMP. Source: XMP Specification Part 3, 1.1.3."""
PNG_NAMES: Final = {"Title": TITLE, "Author": CREATOR, "Description": CAPTION, "Copyright": RIGHTS}


def read_properties(source: SourceMetadata, *, private: bool, lost: list[str]) -> tuple[dict[str, Element], list[str]]:
    """Read all of them; XMP takes precedence over IPTC, and IPTC over a PNG's texts.

    Args:
        source: what the file says.
        private: whether position, device and people are allowed too.
        lost: gets the name of what cannot be read.

    Returns:
        The allowed properties by full name, and every date that may be the capture time, best first.
    """
    found = _xmp(source.xmp, lost)
    in_iptc, iptc_date = read_iptc(source.iptc)
    in_texts = {PNG_NAMES[name]: [text] for name, text in source.texts.items() if text.strip()}
    allowed = dict(_allowed(found, private=private))
    for name, values in (*in_iptc.items(), *in_texts.items()):
        if (name in PUBLIC or private) and name not in allowed:
            allowed[name] = new_property(name, values)
    return allowed, [*(text for name in DATES for text in texts(found.get(name))[:1]), iptc_date]


def packet_that_fits(properties: dict[str, Element], lost: list[str]) -> bytes:
    """Serialise properties so that a JPEG can hold them; the longest are left out first.

    Args:
        properties: by full name.
        lost: gets the names of those left out.
    """
    packet = xmp_packet(properties.values())
    if len(packet) <= LONGEST_PACKET:
        return packet
    by_length = sorted(properties, key=lambda name: (len(xmp_packet([properties[name]])), name))

    def of_shortest(count: int) -> bytes:
        return xmp_packet(properties[name] for name in by_length[:count])

    fitting = bisect_right(range(len(by_length)), LONGEST_PACKET, key=lambda count: len(of_shortest(count + 1)))
    lost += (f"{name.rpartition('}')[2]}, because it is too long" for name in reversed(by_length[fitting:]))
    return of_shortest(fitting)


def _xmp(packet: bytes, lost: list[str]) -> dict[str, Element]:
    if not packet.strip(b"\0 \t\r\n"):
        return {}
    try:
        return read_xmp(packet)
    except Exception as error:  # noqa: BLE001 - ElementTree raises its own errors, and none may fail the photo
        lost.append(f"XMP ({plain_reason(error)})")
        return {}


def _allowed(found: dict[str, Element], *, private: bool) -> Iterator[tuple[str, Element]]:
    for name, element in found.items():
        if private and is_kept(name):
            yield name, element
        elif name in PUBLIC and (plain := plain_property(element)) is not None:
            yield name, plain
