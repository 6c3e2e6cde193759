"""START HERE: one photo from file to rendition, step by step."""

import hashlib
from dataclasses import replace
from typing import Final

from photopipe.photo import DownloadedPhoto, Rendition, ResizedPhoto
from photopipe.resize.colour import Colour, to_srgb
from photopipe.resize.decode import decode
from photopipe.resize.encode import encode_jpeg
from photopipe.resize.file_name import rendition_name
from photopipe.resize.fit import fit
from photopipe.resize.metadata import read_metadata
from photopipe.resize.orient import turn_upright
from photopipe.resize.refusal import refusing_bad_pictures
from photopipe.resize.shrink import shrink
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
        decoded = decode(file, settings)
        metadata = read_metadata(decoded.image)
        small = shrink(decoded.image, fit(*decoded.full_size, settings.max_side_px), decoded.box)
        decoded = replace(decoded, image=small)  # lets the full picture go before the rest is done
    colour = to_srgb(turn_upright(decoded.image, metadata.orientation), decoded.profile)
    data = encode_jpeg(colour.image, settings.jpeg_quality, metadata.exif)
    rendition = _describe(photo, colour, data, metadata.taken_at, decoded.warnings + metadata.warnings)
    return ResizedPhoto(photo, rendition, data)


def _describe(
    photo: DownloadedPhoto, colour: Colour, data: bytes, taken_at: str | None, warnings: tuple[str, ...]
) -> Rendition:
    return Rendition(
        file_name=rendition_name(photo.found.name),
        content_type=CONTENT_TYPE,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        width_px=colour.image.width,
        height_px=colour.image.height,
        taken_at=taken_at,
        warnings=warnings + colour.warnings,
    )
