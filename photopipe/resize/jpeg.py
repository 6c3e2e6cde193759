"""Decode a JPEG no larger than needed, which costs a fraction of decoding it in full."""

import os
from typing import Final

from PIL import Image, JpegImagePlugin

from photopipe.resize.fit import Placement
from photopipe.resize.plan import FULL, decode_eighths
from photopipe.resize.planes import Planes
from photopipe.resize.turbojpeg import TurboJpegError, decode_planes, turbojpeg
from photopipe.resize.unmixed import decode_unmixed, simplejpeg

REDUCING_GAP: Final = 2
"""Pillow's decoder leaves at least twice the wanted size, so that the final resampling decides the quality."""
HARMLESS: Final = "extraneous bytes"
"""A complaint about bytes between two segments that belong to neither, in a picture that is whole. Nothing is
filled in for them, so Pillow's decoder, which passes over them, may have the file. Source: jdmarker.c, next_marker."""
YCBCR_IDS: Final = (1, 2, 3)


def load_jpeg(image: JpegImagePlugin.JpegImageFile, placement: Placement) -> tuple[Image.Image | Planes, float]:
    """Decode a JPEG at the smallest scale that the placement allows.

    Args:
        image: its header read, nothing decoded.
        placement: what will be shown of it, and how large.

    Returns:
        The whole picture, and its scale: 1, or less if it was decoded smaller. Sides that do not divide are rounded
        up, so the last row and column may lie partly outside. Luma and chroma apart where a library for that is
        there and the file is of a kind it takes, which most are; else the picture as Pillow decodes it.

    Raises:
        Exception: the file ends early or is damaged, as far as the decoder notices.
    """
    scale = placement.size[0] / (placement.crop[2] - placement.crop[0])
    if is_ycbcr(image):
        planes = _planes(image, scale)
        if planes:
            return planes
    return _by_pillow(image, scale)


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


def _planes(image: JpegImagePlugin.JpegImageFile, scale: float) -> tuple[Planes, float] | None:
    library = turbojpeg()
    module = None if library else simplejpeg()
    if library is None and module is None:
        return None
    eighths = decode_eighths(scale, _file_bytes(image) / (image.width * image.height))
    try:
        planes = decode_planes(library, _read(image), eighths) if library else None
        if module:
            planes = decode_unmixed(module, bytearray(_read(image)), image.size, eighths)
    except (TurboJpegError, ValueError) as error:
        if HARMLESS in str(error):
            return None
        raise
    return (planes, eighths / FULL) if planes else None


def _file_bytes(image: JpegImagePlugin.JpegImageFile) -> int:
    assert image.fp is not None  # noqa: S101 - only a loaded picture has none, for the type checker
    return image.fp.seek(0, os.SEEK_END)


def _read(image: JpegImagePlugin.JpegImageFile) -> bytes:
    assert image.fp is not None  # noqa: S101 - as above
    image.fp.seek(0)
    return image.fp.read()


def _by_pillow(image: JpegImagePlugin.JpegImageFile, scale: float) -> tuple[Image.Image, float]:
    full_width_px = image.width
    wanted = tuple(max(1, round(side_px * scale * REDUCING_GAP)) for side_px in image.size)
    drafted = image.draft(image.mode, (wanted[0], wanted[1]))
    image.load()
    return image, drafted[1][2] / full_width_px if drafted else 1.0
