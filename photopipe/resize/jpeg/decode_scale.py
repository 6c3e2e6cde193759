"""Which scale a JPEG is decoded at: the cheapest from which the result still looks like that of a full decode."""

from collections.abc import Mapping
from typing import Final

FULL: Final = 8
Margins = Mapping[int, float]
USUAL: Final[Margins] = {1: 1.6, 2: 1.6, 4: 1.25}
BUSY: Final[Margins] = {1: 1.75, 2: 1.7, 4: 1.4}
BUSIEST: Final[Margins] = {1: 1.75, 2: 1.8, 4: 1.5}
"""Eighths of the full size -> how much larger than wanted the decoded picture must be at least, for Lanczos and not
the block transform to decide what the smallest details become.

Measured by `tests/benchmarks/decode_scale.py`: no photo is more than 0.4 dB worse after JPEG at quality 85 than from a
full decode; of drawings, one was 0.43 dB worse. The other scales are left out: only for these is the inverse
transform written for vector units, and 5/8 takes as long as all of it."""
FROM_BYTES_PER_PX: Final = ((0.7, BUSIEST), (0.3, BUSY), (0.05, USUAL), (0.0, BUSY))
"""What small details there are, the file had to spend bytes on. With very few it is drawn, and has hard edges."""


def decode_eighths(scale: float, bytes_per_px: float) -> int:
    """Choose the scale of decoding.

    Args:
        scale: wanted size / size in the file, above 0; above 1 where a photo is enlarged.
        bytes_per_px: length of the file / pixels in it.

    Returns:
        Eighths of the full size: 1, 2, 4 or 8.
    """
    margins = margins_for(bytes_per_px)
    return next((eighths for eighths, margin in margins.items() if eighths / FULL >= scale * margin), FULL)


def margins_for(bytes_per_px: float) -> Margins:
    """How much larger than wanted a photo with so many bytes per pixel is decoded."""
    return next(margins for least, margins in FROM_BYTES_PER_PX if bytes_per_px >= least)


def scaled_px(full_px: int, eighths: int) -> int:
    """Length of a side decoded at that scale; libjpeg rounds up."""
    return -(-full_px * eighths // FULL)
