"""START HERE for formats out: encode the finished picture, no larger than allowed."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PIL import Image

from photopipe.errors import PhotoTooLarge
from photopipe.resize.output.max_bytes import fit_max_bytes, too_many_bytes
from photopipe.resize.output.output_format import Format, output_format
from photopipe.resize.output.writers import WRITERS, Attachments, write_jpeg
from photopipe.settings import ResizeSettings

LONGEST_JPEG_XMP: Final = 65_502
"""Source: XMP Specification Part 3, 1.1.3."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded picture.

    Attributes:
        data: the file's bytes: the same for the same picture and settings, for a given Pillow.
        content_type: its media type.
        extension: of its file name, with the dot.
        warnings: what did not go in.
    """

    data: bytes
    content_type: str
    extension: str
    warnings: tuple[str, ...] = ()


def encode(image: Image.Image, settings: ResizeSettings, source_format: str, attached: Attachments) -> Encoded:
    """Encode a picture in the format, the quality and the size of the settings.

    Args:
        image: mode RGB, YCbCr, L, RGBA or LA; a format without alpha takes none, see `background.py`. Its
            info is emptied.
        settings: format, quality, max_bytes.
        source_format: Pillow's name of the source's format, for `keep`.
        attached: EXIF block, XMP packet and colour profile to embed.

    Raises:
        PhotoTooLarge: a side is longer than the format allows, or no quality fits into `settings.max_bytes`.
    """
    target = output_format(settings.format, source_format)
    _check_sides(image.size, target)
    fitting, warnings = _attachable(attached, target)
    image.info = {}  # Pillow would write comments, XMP and transparency it finds here into the file
    data = _fitting(image, settings, target, fitting)
    return Encoded(data, target.content_type, target.extension, warnings)


def _check_sides(size: tuple[int, int], target: Format) -> None:
    if max(size) > target.longest_side_px:
        raise PhotoTooLarge(
            f"cannot be resized: {size[0]} x {size[1]} pixels, and a side of {target.name} has at most "
            f"{target.longest_side_px}. Choose a smaller size or another format."
        )


def _attachable(attached: Attachments, target: Format) -> tuple[Attachments, tuple[str, ...]]:
    if target.name == "jpeg" and len(attached.xmp or b"") > LONGEST_JPEG_XMP:
        return replace(attached, xmp=None), ("the XMP metadata could not be kept: it is too long for a JPEG",)
    return attached, ()


def _fitting(image: Image.Image, settings: ResizeSettings, target: Format, attached: Attachments) -> bytes:
    writer = WRITERS[target.name]
    if settings.max_bytes is None:
        return writer(image, settings.quality, attached)
    if target.name == "jpeg":
        writer = partial(write_jpeg, progressive=True)  # the same bytes hold more quality
    if target.has_quality:
        return fit_max_bytes(lambda quality: writer(image, quality, attached), settings.quality, settings.max_bytes)
    data = writer(image, settings.quality, attached)
    if len(data) > settings.max_bytes:
        raise too_many_bytes(len(data), settings.max_bytes, f"as {target.name}, which has no quality to lower")
    return data
