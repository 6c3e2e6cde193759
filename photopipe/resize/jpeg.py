"""Decode a JPEG no larger than needed, which costs a fraction of decoding it in full."""

from typing import Final

from PIL import Image, JpegImagePlugin

from photopipe.resize.fit import Placement

REDUCING_GAP: Final = 2
"""The decoder leaves at least twice the wanted size, so that the final resampling decides the quality."""


def load_jpeg(image: JpegImagePlugin.JpegImageFile, placement: Placement) -> tuple[Image.Image, float]:
    """Decode a JPEG at the smallest scale that the placement allows.

    Args:
        image: its header read, nothing decoded.
        placement: what will be shown of it, and how large.

    Returns:
        The whole picture, loaded, and its scale: 1, or less if it was decoded smaller. Sides that do not divide
        are rounded up, so the last row and column may lie partly outside.
    """
    scale = placement.size[0] / (placement.crop[2] - placement.crop[0])
    width_px, height_px = (max(1, round(side_px * scale * REDUCING_GAP)) for side_px in image.size)
    full_width_px = image.width
    drafted = image.draft(image.mode, (width_px, height_px))
    image.load()
    return image, drafted[1][2] / full_width_px if drafted else 1.0
