"""Open a picture file, check what its header claims, and load the pixels strictly."""

from dataclasses import dataclass
from typing import BinaryIO, Final

import pillow_heif

# The imports register the formats; without them Pillow would load all of its forty plugins at the first photo.
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

import photopipe.resize.quiet  # noqa: F401 - imported for what it sets up
from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.file_kind import beginning, is_known_kind
from photopipe.resize.fit import fit
from photopipe.settings import ResizeSettings

PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF")
"""The only decoders that ever see a file; MPO comes through JPEG. Others start programs (EPS) or follow links."""
REDUCING_GAP: Final = 2
"""The JPEG decoder leaves at least twice the wanted size, so that the final resampling decides the quality."""

pillow_heif.register_heif_opener()
# Our own header check replaces Pillow's limit, which refuses real panoramas and warns on the way there.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture with its pixels loaded.

    Attributes:
        image: the pixels, as the file stores them; a JPEG may already be smaller than `full_size`.
        full_size: width and height the file claims [px].
        box: the part of `image` that is the picture (left, upper, right, lower) [px, fractions too].
        profile: the embedded colour profile, or None.
        warnings: what is not kept.
    """

    image: Image.Image
    full_size: tuple[int, int]
    box: tuple[float, float, float, float]
    profile: object
    warnings: tuple[str, ...]


def decode(file: BinaryIO, settings: ResizeSettings) -> Decoded:
    """Load the first picture of a file.

    Args:
        file: a file at its beginning; it must stay open until the metadata is read.
        settings: the limit of pixels, and the box a JPEG is reduced towards.

    Returns:
        The complete picture; bytes that are missing are never filled in.

    Raises:
        PhotoUnreadable: the file is no picture of a known kind, or its header is damaged.
        PhotoTooLarge: the header claims more pixels than `settings.max_pixels`; none has been allocated.
        Exception: whatever Pillow and pillow-heif raise on damaged files, see `refusal.py`.
    """
    image = _open(file)
    _check_size(image.size, settings.max_pixels)
    full_size, profile, lost = image.size, image.info.get("icc_profile"), _lost_frames(image)
    box = _draft(image, settings.max_side_px)
    image.load()
    if box is None:  # a HEIC can turn out to have another size than its header says
        full_size, box = image.size, (0, 0, *image.size)
    return Decoded(image, full_size, box, profile, lost)


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


def _draft(image: Image.Image, max_side_px: int) -> tuple[float, float, float, float] | None:
    """Let the JPEG decoder shrink, which costs a fraction of decoding in full."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile):  # a HEIC would answer with its thumbnail
        return None
    width_px, height_px = fit(*image.size, max_side_px)
    drafted = image.draft(None, (width_px * REDUCING_GAP, height_px * REDUCING_GAP))
    return drafted[1] if drafted else None
