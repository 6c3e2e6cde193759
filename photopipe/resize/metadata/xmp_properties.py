"""Combine what XMP, IPTC and a PNG's texts say about a photo in one set of XMP properties."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from photopipe.photo import TakenAtFrom
from photopipe.resize.capture_time.taken_at import names_time_of_day
from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.iptc import read_iptc
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.metadata.xmp_names import (
    CAPTION,
    CAPTURE_DATES,
    CREATOR,
    DATES,
    KEPT_POSITION,
    PUBLIC,
    RIGHTS,
    TITLE,
    is_kept,
)
from photopipe.resize.metadata.xmp_read import read_xmp, texts
from photopipe.resize.metadata.xmp_write import new_property, plain_property, xmp_packet

LONGEST_PACKET: Final = 65_000
"""A JPEG segment holds 65502 bytes of XMP. Source: XMP Specification Part 3, 1.1.3."""
PNG_NAMES: Final = {"Title": TITLE, "Author": CREATOR, "Description": CAPTION, "Copyright": RIGHTS}


@dataclass(frozen=True, slots=True)
class Properties:
    """What XMP, IPTC and a PNG's texts say.

    Attributes:
        allowed: properties by full name.
        dates: the file's own dates that may be the capture time, and where each is from, best first.
        beside: names of the properties that sidecars say.
        dates_beside: likewise their dates.
        corrections: those of their dates that are the capture time and nothing else, to the second.
    """

    allowed: dict[str, Element] = field(default_factory=dict)
    dates: tuple[tuple[str, TakenAtFrom], ...] = ()
    beside: frozenset[str] = frozenset()
    dates_beside: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()


def read_properties(source: SourceMetadata, *, private: bool, lost: list[str]) -> Properties:
    """Read all of them; a sidecar takes precedence over XMP, XMP over IPTC, and IPTC over a PNG's texts.

    Args:
        source: what the file says.
        private: whether position, device and people are allowed too.
        lost: gets the name of what cannot be read.
    """
    found = _xmp(source.xmp, "XMP", lost)
    beside = [_xmp(sidecar.packet, f"sidecar {sidecar.name}", lost) for sidecar in source.sidecars]
    in_sidecars = dict(_joining(beside, private=private))
    in_iptc, iptc_date = read_iptc(source.iptc)
    in_texts = {PNG_NAMES[name]: [text] for name, text in source.texts.items() if text.strip()}
    allowed = dict(_allowed(found, private=private)) | in_sidecars
    for name, values in (*in_iptc.items(), *in_texts.items()):
        if (name in PUBLIC or private) and name not in allowed:
            allowed[name] = new_property(name, values)
    return Properties(
        allowed,
        (*((text, "xmp") for text in _dates(found, DATES)), (iptc_date, "iptc")),
        frozenset(in_sidecars),
        tuple(text for packet in beside for text in _dates(packet, DATES)),
        tuple(text for packet in beside for text in _dates(packet, CAPTURE_DATES) if names_time_of_day(text)),
    )


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


def _xmp(packet: bytes, name: str, lost: list[str]) -> dict[str, Element]:
    if not packet.strip(b"\0 \t\r\n"):
        return {}
    try:
        return read_xmp(packet)
    except Exception as error:  # noqa: BLE001 - ElementTree raises its own errors, and none may fail the photo
        lost.append(f"{name} ({plain_reason(error)})")
        return {}


def _dates(packet: dict[str, Element], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from texts(packet.get(name))[:1]


def _joining(sidecars: Sequence[dict[str, Element]], *, private: bool) -> Iterator[tuple[str, Element]]:
    """Yield what sidecars add, the best one's last; positions stay out, because EXIF's would contradict them."""
    for packet in reversed(sidecars):
        for name, element in _allowed(packet, private=private):
            if not name.startswith(KEPT_POSITION) and texts(element):
                yield name, element


def _allowed(found: dict[str, Element], *, private: bool) -> Iterator[tuple[str, Element]]:
    for name, element in found.items():
        if private and is_kept(name):
            yield name, element
        elif name in PUBLIC and (plain := plain_property(element)) is not None:
            yield name, plain
