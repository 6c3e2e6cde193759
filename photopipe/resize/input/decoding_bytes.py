"""How much memory decoding a picture takes, from its header."""

from math import ceil
from typing import Final

from PIL import Image, JpegImagePlugin

from photopipe.resize.jpeg.decode_scale import decode_eighths, scaled_px
from photopipe.resize.metadata.metadata import orientation_of
from photopipe.resize.pixels.fit import Size, place
from photopipe.settings import ResizeSettings

SAMPLE_BYTES: Final = {"1": 1, "L": 1, "P": 1, "LA": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""What Pillow stores per pixel, by mode; 4 for all others."""
COEFFICIENT_BYTES: Final = 2
"""libjpeg's JCOEF; a progressive file is held as coefficients until its last scan has been read."""
PIXEL_BYTES: Final = 4
"""What Pillow and simplejpeg give a pixel of a JPEG."""
COPIES: Final = 2
"""The pixels, and what a decoder or a conversion holds beside them."""


def decoding_bytes(image: Image.Image, size: Size, file_bytes: int, settings: ResizeSettings) -> int:
    """Estimate the memory that decoding and shrinking take.

    Args:
        image: its header read, nothing decoded.
        size: width and height that are decoded [px].
        file_bytes: length of the file.
        settings: what will be shown of it; a JPEG is decoded no larger than that needs.

    Returns:
        Bytes, rather too many than too few.
    """
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return _jpeg_bytes(image, size, file_bytes, settings)
    return COPIES * size[0] * size[1] * SAMPLE_BYTES.get(image.mode, 4)


def _jpeg_bytes(image: JpegImagePlugin.JpegImageFile, size: Size, file_bytes: int, settings: ResizeSettings) -> int:
    placement = place(size, orientation_of(image), settings)
    scale = placement.size[0] / (placement.crop[2] - placement.crop[0])
    eighths = decode_eighths(scale, file_bytes / (size[0] * size[1]))
    pixels = scaled_px(size[0], eighths) * scaled_px(size[1], eighths) * PIXEL_BYTES
    return file_bytes + COPIES * pixels + (_coefficient_bytes(image, size) if "progressive" in image.info else 0)


def _coefficient_bytes(image: JpegImagePlugin.JpegImageFile, size: Size) -> int:
    most = max(across * down for _, across, down, _ in image.layer)
    samples = sum(size[0] * size[1] * across * down for _, across, down, _ in image.layer)
    return ceil(COEFFICIENT_BYTES * samples / most)
