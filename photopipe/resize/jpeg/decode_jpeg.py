"""Decode a JPEG no larger than needed, which costs a fraction of decoding it in full."""

import os
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from PIL import Image, JpegImagePlugin

from photopipe.resize.jpeg.decode_scale import FULL, decode_eighths, scaled_px
from photopipe.resize.pixels.fit import Placement

HARMLESS: Final = "extraneous bytes"
"""A complaint about bytes between two segments that belong to neither, in a picture that is whole. Nothing is
filled in for them, so Pillow's decoder, which passes over them, may have the file. Source: jdmarker.c, next_marker."""
YCBCR_IDS: Final = (1, 2, 3)
REPEATED_CHROMA_UP_TO: Final = 0.8
"""Scale up to which halved chroma is repeated and not interpolated. Shrinking smooths it anyway, and the encoder
halves it again: measured at 0.8, 0.65 and 0.5 on 14 photos, a tenth of a decibel better, in a tenth less time."""


@cache
def simplejpeg() -> ModuleType | None:
    """The module, or None if it is not installed."""
    try:
        return import_module("simplejpeg")
    except ImportError:
        return None


def load_jpeg(image: JpegImagePlugin.JpegImageFile, placement: Placement) -> tuple[Image.Image, float]:
    """Decode a JPEG at the smallest scale that the placement allows.

    Args:
        image: its header read, nothing decoded.
        placement: what will be shown of it, and how large.

    Returns:
        The whole picture, and its scale: 1, or less if it was decoded smaller. Sides that do not divide are rounded
        up, so the last row and column may lie partly outside. Mode RGBX where simplejpeg decoded it, which it does
        with most files; else the picture as Pillow decodes it.

    Raises:
        Exception: the file ends early or is damaged, as far as the decoder notices.
    """
    eighths = decode_eighths(placement.scale, _file_bytes(image) / (image.width * image.height))
    module, fast = simplejpeg() if is_ycbcr(image) else None, placement.scale <= REPEATED_CHROMA_UP_TO
    try:
        decoded = _by_simplejpeg(module, image, eighths, fast) if module else None
    except ValueError as error:  # be it only a warning: then it has filled something in
        if HARMLESS not in str(error):
            raise
        decoded = None
    return (decoded or _by_pillow(image, eighths)), eighths / FULL


def is_ycbcr(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether a JPEG's channels are luma and two chromas, by the rules of libjpeg.

    Args:
        image: its header read.

    Returns:
        False for grey, RGB and CMYK, and where the rules leave it to a guess. Source: libjpeg's jdapimin.c.
    """
    if image.mode != "RGB" or image.layers != len(YCBCR_IDS):
        return False
    if "jfif" in image.info:
        return True
    transform = image.info.get("adobe_transform")
    return transform == 1 if "adobe" in image.info else tuple(layer[0] for layer in image.layer) == YCBCR_IDS


def _by_simplejpeg(
    module: ModuleType, image: JpegImagePlugin.JpegImageFile, eighths: int, repeats_chroma: bool
) -> Image.Image:
    """Decode to four bytes a pixel, which is how Pillow keeps them: the decoder's buffer becomes the picture."""
    assert image.fp is not None  # noqa: S101 - only a loaded picture has none, for the type checker
    image.fp.seek(0)
    size = (scaled_px(image.width, eighths), scaled_px(image.height, eighths))
    wanted = {} if eighths == FULL else {"min_width": size[0], "min_height": size[1]}
    pixels = module.decode_jpeg(image.fp.read(), "RGBX", fastupsample=repeats_chroma, **wanted)
    return Image.frombuffer("RGBX", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "RGBX", 0, 1)


def _by_pillow(image: JpegImagePlugin.JpegImageFile, eighths: int) -> Image.Image:
    """Pillow's decoder has the same scales, and asks how large the picture must be at least."""
    width_px, height_px = (max(1, side_px * eighths // FULL) for side_px in image.size)
    image.draft(image.mode, (width_px, height_px))
    image.load()
    return image


def _file_bytes(image: JpegImagePlugin.JpegImageFile) -> int:
    assert image.fp is not None  # noqa: S101 - as above
    return image.fp.seek(0, os.SEEK_END)
