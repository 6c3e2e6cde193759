"""Colours named by the numbers that video uses: in HEIC and AVIF `nclx` boxes and PNG `cICP` chunks."""

import struct
from typing import BinaryIO, Final, NamedTuple

from photopipe.resize.colour.icc_profile import D65, SRGB_CURVE, Chromaticities, rgb_profile
from photopipe.resize.containers.iso_boxes import boxes

SRGB: Final = Chromaticities(D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3: Final = Chromaticities(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT_2020: Final = Chromaticities(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
PRIMARIES: Final = {1: SRGB, 9: BT_2020, 12: DISPLAY_P3}
"""Source: ITU-T H.273, table 2. The others do not occur in photos."""
MOST_CHUNKS: Final = 100


class CodePoints(NamedTuple):
    """Primaries and transfer curve.

    Attributes:
        primaries: as in H.273.
        transfer: as in H.273.
    """

    primaries: int
    transfer: int


def profile_of_code_points(points: CodePoints) -> bytes | None:
    """An ICC profile of these colours.

    Every curve is treated as sRGB's: cameras write those of television (1, 6, 14, 15) for pictures that look right
    with sRGB's, and there is no profile for those of HDR.

    Args:
        points: what the file says.

    Returns:
        The profile; None for sRGB's primaries and for unknown ones.
    """
    primaries = PRIMARIES.get(points.primaries)
    return None if primaries is None or primaries == SRGB else rgb_profile(primaries, SRGB_CURVE)


def avif_code_points(file: BinaryIO) -> CodePoints | None:
    """What the first `nclx` box of an AVIF says, None if it has none.

    Source: ISO/IEC 14496-12, 12.1.5 (colr); ISO/IEC 23008-12, 9.3 (iprp, ipco).
    """
    start, end = 0, None
    for kind, version_bytes in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        content = next((box[1:] for box in boxes(file, start, end) if box[0] == kind), None)
        if content is None:
            return None
        start, end = content[0] + version_bytes, content[1]
    for kind, offset, _ in boxes(file, start, end):
        file.seek(offset)
        if kind == b"colr" and (head := file.read(8))[:4] == b"nclx" and len(head) == 8:
            return CodePoints(*struct.unpack(">HH", head[4:]))
    return None


def png_code_points(file: BinaryIO) -> CodePoints | None:
    """What the `cICP` chunk of a PNG says, None if it has none. Source: PNG (W3C, third edition), 11.3.2.6."""
    file.seek(8)
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] in (b"IDAT", b"PLTE"):
            return None
        if head[4:] == b"cICP":
            values = file.read(2)
            return CodePoints(*values) if len(values) == 2 else None
        file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return None
