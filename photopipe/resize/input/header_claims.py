"""What a header claims, read without the decoder where it would allocate memory before Pillow can check it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from photopipe.resize.containers.iso_boxes import boxes
from photopipe.resize.input.jpeg2000 import check_jpeg2000
from photopipe.resize.raw.raw_tiff import tile_pixels

Size = tuple[int, int]

CLAIMING: Final = frozenset({"JPEG2000", "TIFF", "WEBP", "JXL"})
"""Kinds whose decoders allocate memory by headers that Pillow does not check."""
JXL_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
JXL_SIDES: Final = (9, 13, 18, 30)
"""Source: ISO/IEC 18181-1, 9.2 (SizeHeader)."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a header says.

    Attributes:
        sizes: widths and heights that something will be allocated for [px].
        decoded_size: width and height of what is decoded [px], or None where Pillow reads it reliably.
        profile: an ICC profile, or None.
    """

    sizes: tuple[Size, ...] = ()
    decoded_size: Size | None = None
    profile: bytes | None = None


def header_claims(kind: str, file: BinaryIO) -> Claims:
    """Read what the header of a file claims.

    Args:
        kind: one of `CLAIMING`.
        file: its position is moved.

    Raises:
        PhotoUnreadable: the header is damaged.
        PhotoTooLarge: it claims far more than the file's bytes can hold.
    """
    if kind == "JPEG2000":
        stream = check_jpeg2000(file)
        return Claims((stream.size,), stream.size, stream.profile)
    if kind == "TIFF":
        return Claims((tile_pixels(file),))
    size = _webp(file) if kind == "WEBP" else _jxl(file)
    return Claims((size,) if size else ())


def _webp(file: BinaryIO) -> Size | None:
    """Source: RFC 9649, 2.5 to 2.7."""
    file.seek(0)
    head = file.read(30).ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width_px, height_px = struct.unpack("<HH", head[26:30])
    return width_px & 0x3FFF, height_px & 0x3FFF


def _jxl(file: BinaryIO) -> Size | None:
    header = jxl_header(file)
    return header[0] if header else None


def jxl_header(file: BinaryIO) -> tuple[Size, int] | None:
    """Width and height of a JPEG XL as stored [px], and its orientation, 1 to 8; None if they cannot be read.

    Source: ISO/IEC 18181-1, 9.2 (SizeHeader) and A.6 (ImageMetadata).
    """
    file.seek(0)
    codestream = file.read(32)
    if codestream[:2] != b"\xff\x0a":
        codestream = _boxed_codestream(file)
    if codestream[:2] != b"\xff\x0a":
        return None
    take = _bits(codestream[2:])
    size = _jxl_size(take)
    all_default = take(1)
    has_extra_fields = not all_default and take(1)
    return size, take(3) + 1 if has_extra_fields else 1


def _jxl_size(take: Callable[[int], int]) -> Size:
    in_eights = take(1)
    height_px = _jxl_side(take, in_eights)
    ratio = take(3)
    if ratio == 0:
        return _jxl_side(take, in_eights), height_px
    across, down = JXL_RATIOS[ratio - 1]
    return height_px * across // down, height_px


def _boxed_codestream(file: BinaryIO) -> bytes:
    for kind, start, _ in boxes(file):
        if kind in (b"jxlc", b"jxlp"):
            file.seek(start + (4 if kind == b"jxlp" else 0))
            return file.read(32)
    return b""


def _bits(data: bytes) -> Callable[[int], int]:
    """A reader of bits, lowest first."""
    rest = int.from_bytes(data, "little")

    def take(count: int) -> int:
        nonlocal rest
        value = rest & ((1 << count) - 1)
        rest >>= count
        return value

    return take


def _jxl_side(take: Callable[[int], int], in_eights: int) -> int:
    return 8 * (take(5) + 1) if in_eights else take(JXL_SIDES[take(2)]) + 1
