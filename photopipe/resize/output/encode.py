"""START HERE for formats out: choose the format, encode the picture no larger than allowed, and describe it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from importlib import import_module
from typing import IO, Final

from PIL import Image

from photopipe.errors import PhotoTooLarge
from photopipe.files.names import rendition_name
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.photo import DownloadedPhoto, Rendition
from photopipe.resize.metadata.metadata import Metadata
from photopipe.resize.output.max_bytes import fit_max_bytes, too_many_bytes
from photopipe.resize.output.output_format import Attachments, Format, Writer
from photopipe.settings import OutputFormat, ResizeSettings

DEFAULT_NAME: Final = "default"
"""Name of the only rendition if none is given."""
FORMATS: Final[dict[str, Format]] = {name: import_module(f"{__package__}.{name}").FORMAT for name in OUTPUT_FORMATS}
JPEG: Final = FORMATS["jpeg"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded picture.

    Attributes:
        data: the file's bytes: the same for the same picture and settings, for a given Pillow.
        format: what they are.
        warnings: what could not be embedded.
    """

    data: bytes
    format: Format
    warnings: tuple[str, ...] = ()


def output_format(wanted: OutputFormat, source_format: str) -> Format:
    """What a photo is written as.

    Args:
        wanted: as in the settings.
        source_format: Pillow's name of the source's format.

    Returns:
        The wanted format; for `keep`, the source's own if that can be written here, else JPEG.
    """
    if wanted != "keep":
        return FORMATS[wanted]
    kept = next((one for one in FORMATS.values() if source_format in one.sources), JPEG)
    return kept if can_be_written(kept) else JPEG


def can_be_written(target: Format) -> bool:
    """False if this Pillow was built without the format's library, see `check_recipe.py`."""
    from PIL import features

    return bool(features.check(target.library))


def encode(image: Image.Image, settings: ResizeSettings, target: Format, attached: Attachments) -> Encoded:
    """Encode a picture in a format, in the quality and the size of the settings.

    Args:
        image: mode RGB, YCbCr, L, RGBA or LA; a format without alpha takes none, see `background.py`. Its
            info is emptied.
        settings: quality, max_bytes.
        target: the format, see `output_format`.
        attached: EXIF block, XMP packet and colour profile to embed.

    Raises:
        PhotoTooLarge: a side is longer than the format allows, or no quality fits into `settings.max_bytes`.
    """
    check_sides(image.size, target)
    fitting, warnings = _attachable(attached, target)
    if image.mode == "YCbCr" and not target.has_ycbcr:
        image = image.convert("RGB")
    image.info = {}  # Pillow would write comments, XMP and transparency it finds here into the file
    if settings.max_bytes is None:
        return Encoded(_written(target.write, image, settings.quality, fitting), target, warnings)
    return Encoded(_fitting(image, settings.quality, settings.max_bytes, target, fitting), target, warnings)


def check_sides(size: tuple[int, int], target: Format) -> None:
    """Make sure that a format can hold a picture.

    Raises:
        PhotoTooLarge: a side is longer than the format allows.
    """
    if max(size) > target.longest_side_px:
        raise PhotoTooLarge(
            f"cannot be resized: {size[0]} x {size[1]} pixels, and a side of {target.name} has at most "
            f"{target.longest_side_px}. Choose a smaller size or another format."
        )


def describe(photo: DownloadedPhoto, name: str, size: tuple[int, int], kept: Metadata, encoded: Encoded) -> Rendition:
    """Describe a rendition.

    Args:
        photo: the photo it was made of.
        name: of the rendition.
        size: width and height, upright [px].
        kept: what is known of the photo; passed on to galleries that can store it.
        encoded: its bytes.

    Returns:
        The description, with the warnings of the encoder.
    """
    data, suffix = encoded.data, "" if name == DEFAULT_NAME else f"-{name}"
    return Rendition(
        file_name=rendition_name(photo.found.name, suffix + OUTPUT_FORMATS[encoded.format.name][0]),
        content_type=encoded.format.content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        width_px=size[0],
        height_px=size[1],
        taken_at=kept.taken_at,
        warnings=encoded.warnings,
        name=name,
        title=kept.title or None,
        caption=kept.caption or None,
        keywords=kept.keywords,
        taken_at_from=kept.taken_at_from,
    )


def _attachable(attached: Attachments, target: Format) -> tuple[Attachments, tuple[str, ...]]:
    limit_bytes = target.longest_xmp_bytes
    if limit_bytes is not None and len(attached.xmp or b"") > limit_bytes:
        words = f"the XMP metadata could not be kept: it is too long for a {target.name.upper()}"
        return replace(attached, xmp=None), (words,)
    return attached, ()


def _fitting(image: Image.Image, quality: int, max_bytes: int, target: Format, attached: Attachments) -> bytes:
    writer = target.write_small or target.write
    if target.has_quality:
        return fit_max_bytes(lambda lower: _written(writer, image, lower, attached), quality, max_bytes)
    data = _written(writer, image, quality, attached)
    if len(data) > max_bytes:
        raise too_many_bytes(len(data), max_bytes, f"as {target.name}, which has no quality to lower")
    return data


def _written(writer: Writer, image: Image.Image, quality: int, attached: Attachments) -> bytes:
    with _empty_file() as file:
        writer(file, image, quality, attached)
        file.seek(0)
        return file.read()


def _empty_file() -> IO[bytes]:
    """A real file, in memory where the system can: so that Pillow encodes JPEGs without blocking other threads."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("rendition", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()
