"""Open a picture file, check what its header claims, and load the pixels strictly."""

from dataclasses import dataclass
from typing import BinaryIO, Final

import pillow_heif

# The imports register the formats; without them Pillow would load all of its forty plugins at the first photo.
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

import photopipe.resize.quiet  # noqa: F401 - imported for what it sets up
from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.file_kind import beginning, is_known_kind
from photopipe.resize.fit import Box, Placement, place
from photopipe.resize.jpeg import load_jpeg
from photopipe.resize.metadata import orientation_of
from photopipe.settings import ResizeSettings

PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF")
"""The only decoders that ever see a file; MPO comes through JPEG. Others start programs (EPS) or follow links."""

pillow_heif.register_heif_opener()
# Our own header check replaces Pillow's limit, which refuses real panoramas and warns on the way there.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture whose header has been read and checked; no pixel is decoded yet.

    Attributes:
        image: lazy; its file must stay open.
        size: width and height the file claims [px].
        format: Pillow's name of the format.
        warnings: what is not kept.
    """

    image: Image.Image
    size: tuple[int, int]
    format: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture with its pixels loaded.

    Attributes:
        image: the pixels, not yet upright; a JPEG may already be smaller than it claims.
        crop: the part of `image` that is wanted (left, upper, right, lower) [px, fractions too].
        placement: what becomes of that part.
    """

    image: Image.Image
    crop: Box
    placement: Placement


def open_picture(file: BinaryIO, settings: ResizeSettings) -> Opened:
    """Read the header of a picture file.

    Args:
        file: a file at its beginning; it must stay open until pixels and metadata are read.
        settings: the limit of pixels.

    Raises:
        PhotoUnreadable: the file is no picture of a known kind, or its header is damaged.
        PhotoTooLarge: the header claims more pixels than `settings.max_pixels`; none has been allocated.
        Exception: whatever Pillow and pillow-heif raise on damaged files, see `refusal.py`.
    """
    image = _open(file)
    _check_size(image.size, settings.max_pixels)
    return Opened(image, image.size, image.format or "", _lost_frames(image))


def load_pixels(opened: Opened, settings: ResizeSettings) -> Decoded:
    """Decode the pixels; bytes that are missing are never filled in.

    Args:
        opened: as `open_picture` gave it.
        settings: what will be shown of it; a JPEG is decoded no larger than that needs.

    Raises:
        Exception: whatever Pillow and pillow-heif raise on damaged files, see `refusal.py`.
    """
    image = opened.image
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        placement = place(opened.size, orientation_of(image), settings)
        loaded, scale = load_jpeg(image, placement)
        left, upper, right, lower = (edge_px * scale for edge_px in placement.crop)
        return Decoded(loaded, (left, upper, right, lower), placement)
    image.load()  # a TIFF or HEIC may have been turned, or turn out to have another size than its header says
    placement = place(image.size, orientation_of(image), settings)
    return Decoded(image, placement.crop, placement)


def _open(file: BinaryIO) -> Image.Image:
    head = file.read(32)
    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoUnreadable(f"cannot be resized: {_why_unidentified(head)}") from error


def _why_unidentified(head: bytes) -> str:
    if not head:
        return "the file is empty. Copy it again from the camera."
    if is_known_kind(head):
        return "the file ends early, or its header is damaged. Copy it again from the camera."
    kinds = "Only JPEG, PNG, WebP, TIFF and HEIC are read."
    return f"it is not a picture this can read (it begins with {beginning(head)}). {kinds}"


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width_px, height_px = size
    if width_px * height_px > max_pixels:
        raise PhotoTooLarge(
            f"cannot be resized: it claims {width_px} x {height_px} pixels, and the limit is {max_pixels} in all. "
            "Raise the limit if you trust the file."
        )


def _lost_frames(image: Image.Image) -> tuple[str, ...]:
    frames = getattr(image, "n_frames", 1)
    if frames == 1 or image.format == "MPO":  # the second picture of an MPO is a preview or the other eye
        return ()
    return (f"only the first of {frames} frames is kept",)
