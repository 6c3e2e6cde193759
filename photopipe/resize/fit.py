"""The size of the rendition: pure arithmetic."""

from typing import Final

LONGEST_JPEG_SIDE_PX: Final = 65_500
"""Source: JPEG_MAX_DIMENSION in libjpeg's jmorecfg.h."""


def fit(width_px: int, height_px: int, max_side_px: int) -> tuple[int, int]:
    """Fit a picture inside a square box.

    Args:
        width_px: at least 1.
        height_px: at least 1.
        max_side_px: side of the box, at least 1.

    Returns:
        Width and height: never larger than the picture, the shape kept within a pixel, at least 1 each. Turning the
        picture by a quarter turns the answer likewise.
    """
    longest_px = max(width_px, height_px)
    side_px = min(max_side_px, LONGEST_JPEG_SIDE_PX)
    if longest_px <= side_px:
        return width_px, height_px
    return max(1, round(width_px * side_px / longest_px)), max(1, round(height_px * side_px / longest_px))
