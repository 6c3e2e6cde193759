"""Decode a JPEG no larger than needed, which costs a fraction of decoding it in full.

`decode_eighths` decides how large: the cheapest scale from which the result still looks like that of a full decode.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from math import ceil
from types import ModuleType
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin

from photopipe.errors import PhotoUnreadable
from photopipe.resize.pixels.fit import Placement, Size

COEFFICIENT_BYTES: Final = 2
"""libjpeg's JCOEF; a progressive file is held as coefficients until its last scan has been read."""
DECODED_BYTES: Final = 8
"""Per pixel: the picture, and what a decoder or a conversion holds besides."""
MOST_SCANS: Final = 200
"""Encoders write up to 20 scans. Each costs a pass over the whole picture, which a file of a few bytes can ask for."""
START_OF_SCAN: Final = b"\xff\xda"
END_OF_IMAGE: Final = b"\xff\xd9"
MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
"""A marker with a segment, or the end; picture data come in between. Source: ITU-T T.81, B.1.1.2 to B.1.1.5."""
HARMLESS: Final = "extraneous bytes"
"""The warning about bytes between two segments that belong to neither, in a complete picture. Nothing is filled in
for them, so the file is given to Pillow's decoder, which skips them. Source: jdmarker.c, next_marker."""
YCBCR_IDS: Final = (1, 2, 3)
REPEATED_CHROMA_UP_TO: Final = 0.8
"""Scale up to which halved chroma is repeated and not interpolated. Shrinking smooths it anyway, and the encoder
halves it again: measured at 0.8, 0.65 and 0.5 on 14 photos, a tenth of a decibel better, in a tenth less time."""
FULL: Final = 8
Margins = Mapping[int, float]
USUAL: Final[Margins] = {1: 1.6, 2: 1.6, 4: 1.25}
BUSY: Final[Margins] = {1: 1.75, 2: 1.7, 4: 1.4}
BUSIEST: Final[Margins] = {1: 1.75, 2: 1.8, 4: 1.5}
"""Eighths of the full size -> how much larger than wanted the decoded picture must be at least, so that Lanczos and not
the block transform shapes the smallest details.

Measured by `tests/benchmarks/decode_scale.py`: no photo is more than 0.4 dB worse after JPEG at quality 85 than from a
full decode; of drawings, one was 0.43 dB worse. The other scales are left out: only these have an inverse
transform for vector units, and 5/8 takes as long as the full size."""
FROM_BYTES_PER_PX: Final = ((0.7, BUSIEST), (0.3, BUSY), (0.05, USUAL), (0.0, BUSY))
"""Small details cost bytes in the file. A picture with very few bytes is a drawing, and has hard edges."""


@cache
def simplejpeg() -> ModuleType | None:
    """The module, or None if it is not installed."""
    try:
        return import_module("simplejpeg")
    except ImportError:
        return None


def check_scans(file: BinaryIO) -> None:
    """Refuse a progressive JPEG that only keeps a decoder busy.

    Args:
        file: a progressive JPEG; its position is left as it was.

    Raises:
        PhotoUnreadable: it has more scans than any encoder writes.
    """
    if _scans(file) > MOST_SCANS:
        raise PhotoUnreadable(
            f"cannot be resized: it has more than {MOST_SCANS} scans, to keep a decoder busy. No camera writes that."
        )


def _scans(file: BinaryIO) -> int:
    """Count the scans up to the picture's end; anything after it, such as a video, does not count.

    Segments are passed over by the length they claim, as libjpeg does: a comment may hold any bytes.
    """
    position, count, at = file.tell(), 0, 0
    file.seek(0)
    data = file.read()
    file.seek(position)
    while count <= MOST_SCANS and (marker := MARKER.search(data, at)) and marker[0] != END_OF_IMAGE:
        count += marker[0] == START_OF_SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return count


def jpeg_decoding_bytes(image: JpegImagePlugin.JpegImageFile, placement: Placement, file_bytes: int) -> int:
    """Estimate the memory that decoding and shrinking take.

    Args:
        image: its header read, nothing decoded.
        placement: what will be shown of it, and how large.
        file_bytes: length of the file.

    Returns:
        Bytes, rather too many than too few.
    """
    eighths = decode_eighths(placement.scale, file_bytes / (image.width * image.height))
    pixels = scaled_px(image.width, eighths) * scaled_px(image.height, eighths)
    coefficients = _coefficient_bytes(image, image.size) if "progressive" in image.info else 0
    return file_bytes + DECODED_BYTES * pixels + coefficients


def _coefficient_bytes(image: JpegImagePlugin.JpegImageFile, size: Size) -> int:
    most = max(across * down for _, across, down, _ in image.layer)
    samples = sum(size[0] * size[1] * across * down for _, across, down, _ in image.layer)
    return ceil(COEFFICIENT_BYTES * samples / most)


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
    except ValueError as error:  # even a mere warning means that it has filled something in
        if HARMLESS not in str(error):
            raise
        decoded = None
    return (decoded or _by_pillow(image, eighths)), eighths / FULL


def is_ycbcr(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether a JPEG's channels are luma and two chromas, by the rules of libjpeg.

    Args:
        image: its header read.

    Returns:
        False for grey, RGB and CMYK, and where the rules leave it open. Source: libjpeg's jdapimin.c.
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
    """Decode to four bytes per pixel, as Pillow stores them, so that the decoder's buffer becomes the picture."""
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
