"""The size and tiles a JPEG 2000 file claims, checked before the decoder sees it.

OpenJPEG allocates memory by the header of the codestream, which may differ from the outer header of the file: a file
of 211 bytes can claim two gigabytes.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.containers.iso_boxes import boxes

MOST_COMPONENTS: Final = 4
MOST_TILES: Final = 16_384
"""OpenJPEG takes several kilobytes for each, whether the file has it or not."""
SMALLEST_TILE_BYTES: Final = 14
"""Start of a tile part and start of its data. Source: ISO/IEC 15444-1, A.4.2 and A.4.3."""
ALWAYS_PLAUSIBLE_PIXELS: Final = 4_000_000
MOST_PIXELS_PER_BYTE: Final = 100_000
"""Photos have 0.5 to 30, an empty white page of 24 megapixels 50,000."""
DAMAGED: Final = "cannot be resized: its header is damaged ({}). Copy it again from the camera."


@dataclass(frozen=True, slots=True)
class Codestream:
    """What the codestream claims.

    Attributes:
        size: width and height [px].
        profile: the ICC profile in the file's outer header, or None.
    """

    size: tuple[int, int]
    profile: bytes | None


def check_jpeg2000(file: BinaryIO) -> Codestream:
    """Read a JPEG 2000 header.

    Args:
        file: its position is moved.

    Raises:
        PhotoUnreadable: the header is damaged, or of an unsupported kind.
        PhotoTooLarge: the file claims far more than its bytes can hold.
    """
    start, profile = _codestream(file)
    size_bytes = file.seek(0, 2)
    file.seek(start)
    head = file.read(42)
    if len(head) < 42 or head[:4] != b"\xff\x4f\xff\x51":
        raise PhotoUnreadable(DAMAGED.format("it has no codestream"))
    size = _check_claims(struct.unpack(">8IH", head[8:42]), size_bytes)
    return Codestream(size, profile)


def _check_claims(claims: tuple[int, ...], size_bytes: int) -> tuple[int, int]:
    """Source: ISO/IEC 15444-1, A.5.1 (SIZ)."""
    right, lower, left, upper, tile_width, tile_height, _, _, components = claims
    width_px, height_px = right - left, lower - upper
    if min(width_px, height_px, tile_width, tile_height) <= 0 or not 1 <= components <= MOST_COMPONENTS:
        raise PhotoUnreadable(DAMAGED.format("it claims an impossible size or number of colours"))
    tiles = -(-right // tile_width) * -(-lower // tile_height)
    pixels = width_px * height_px
    if pixels > max(ALWAYS_PLAUSIBLE_PIXELS, MOST_PIXELS_PER_BYTE * size_bytes) or tiles > MOST_TILES:
        raise PhotoTooLarge(
            f"cannot be resized: it claims {width_px} x {height_px} pixels in {tiles} tiles, which {size_bytes} bytes "
            "cannot hold. Delete it unless you know where it comes from."
        )
    if tiles * SMALLEST_TILE_BYTES > size_bytes:
        raise PhotoUnreadable("cannot be resized: the file ends early. Copy it again from the camera.")
    return width_px, height_px


def _codestream(file: BinaryIO) -> tuple[int, bytes | None]:
    """Offset of the codestream, and the profile before it."""
    file.seek(0)
    if file.read(4) == b"\xff\x4f\xff\x51":
        return 0, None
    profile = None
    for kind, start, end in boxes(file):
        if kind == b"jp2h":
            profile = _profile(file, start, end)
        if kind == b"jp2c":
            return start, profile
    raise PhotoUnreadable(DAMAGED.format("it has no codestream"))


def _profile(file: BinaryIO, start: int, end: int) -> bytes | None:
    """Source: ISO/IEC 15444-1, I.5.3.3: method 2 is an ICC profile."""
    for kind, inner, behind in boxes(file, start, end):
        file.seek(inner)
        if kind == b"colr" and file.read(1) == b"\x02" and behind - inner < 16_000_000:
            file.seek(inner + 3)
            return file.read(behind - inner - 3)
    return None
