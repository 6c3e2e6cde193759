"""START HERE: one photo from file to rendition, step by step."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image

from photopipe.photo import DownloadedPhoto, Rendition, ResizedPhoto
from photopipe.resize.colour import to_srgb
from photopipe.resize.decode import load_pixels, open_picture
from photopipe.resize.encode import encode_jpeg
from photopipe.resize.file_name import rendition_name
from photopipe.resize.metadata import Metadata, read_metadata
from photopipe.resize.orient import turn_upright
from photopipe.resize.refusal import refusing_bad_pictures
from photopipe.resize.shrink import pad, shrink
from photopipe.resize.source_file import unchanged_file
from photopipe.settings import ResizeSettings

CONTENT_TYPE: Final = "image/jpeg"


def resize(photo: DownloadedPhoto, settings: ResizeSettings) -> ResizedPhoto:
    """Resize one photo.

    Knows neither threads nor queues; any number of calls may run at the same time.

    Args:
        photo: the photo, with the stat values that were true while it was hashed.
        settings: the box, the quality and the limit of pixels.

    Returns:
        An upright sRGB JPEG that fits the box, never larger than the source. The same file and settings give the
        same bytes, for a given Pillow.

    Raises:
        PhotoVanished: the file is gone.
        PhotoChanged: the file is no longer the one that was found.
        DownloadError: the operating system cannot read it.
        PhotoUnreadable: it is no picture, or a damaged one.
        PhotoTooLarge: it has more pixels than the limit.
    """
    with unchanged_file(photo.found) as file, refusing_bad_pictures():
        shrunk = _shrunk(file, settings)
    upright = turn_upright(shrunk.image, shrunk.metadata.orientation)
    colour = to_srgb(upright, shrunk.profile)
    data = encode_jpeg(colour.image, settings.quality, shrunk.metadata.exif)
    warnings = shrunk.warnings + shrunk.metadata.warnings + colour.warnings
    return ResizedPhoto(photo, _describe(photo, colour.image, data, shrunk.metadata.taken_at, warnings), data)


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """A picture at its final size, with what its file says about it; the file is no longer needed."""

    image: Image.Image
    profile: object
    metadata: Metadata
    warnings: tuple[str, ...]


def _shrunk(file: BinaryIO, settings: ResizeSettings) -> _Shrunk:
    """All that happens to the full picture, in a frame of its own: when it ends, the full picture is gone."""
    opened = open_picture(file, settings)
    profile = opened.image.info.get("icc_profile")
    decoded = load_pixels(opened, settings)
    small = shrink(decoded.image, decoded.placement.size, decoded.crop)
    padded = pad(small, decoded.placement.canvas, settings.background)
    return _Shrunk(padded, profile, read_metadata(opened.image), opened.warnings)


def _describe(
    photo: DownloadedPhoto, image: Image.Image, data: bytes, taken_at: str | None, warnings: tuple[str, ...]
) -> Rendition:
    return Rendition(
        file_name=rendition_name(photo.found.name),
        content_type=CONTENT_TYPE,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        width_px=image.width,
        height_px=image.height,
        taken_at=taken_at,
        warnings=warnings,
    )
