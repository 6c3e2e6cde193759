"""What stands in a JPEG beside the picture: EXIF, XMP and the colour profile, each in segments of its own."""

from collections.abc import Iterator
from typing import Final

XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
ICC: Final = b"ICC_PROFILE\0"
LONGEST: Final = 65_533
"""Bytes a segment holds beside its length."""
PER_ICC: Final = LONGEST - len(ICC) - 2
APP1: Final = b"\xff\xe1"
APP2: Final = b"\xff\xe2"
JFIF: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
JFIF_END: Final = 20


def with_segments(data: bytes, exif: bytes, xmp: bytes | None, icc: bytes | None) -> bytes:
    """Put metadata into a JPEG that has none, in the order in which Pillow does.

    Args:
        data: a JPEG that begins with a JFIF segment without a thumbnail, as libjpeg writes it.
        exif: an EXIF block with its `Exif` header; empty for none.
        xmp: a packet; None for none.
        icc: a profile; None for none. One of more than 65519 bytes goes into several segments.

    Raises:
        ValueError: EXIF or XMP is too long for a segment, or the profile for 255 of them.

    Source: CIPA DC-008, 4.7.2; XMP Specification Part 3, 1.1.3; ICC.1:2022, B.4.
    """
    if not data.startswith(JFIF):
        raise ValueError("a JPEG without a JFIF segment")
    texts = [_segment(APP1, content) for content in (exif, XMP + xmp if xmp else b"") if content]
    return b"".join((data[:JFIF_END], *texts, *_icc_segments(icc or b""), data[JFIF_END:]))


def _icc_segments(icc: bytes) -> Iterator[bytes]:
    starts = range(0, len(icc), PER_ICC)
    for number, start in enumerate(starts, 1):
        yield _segment(APP2, ICC + bytes((number, len(starts))) + icc[start : start + PER_ICC])


def _segment(marker: bytes, content: bytes) -> bytes:
    if len(content) > LONGEST:
        raise ValueError(f"too long for a segment: {len(content)} bytes")
    return marker + (len(content) + 2).to_bytes(2) + content
