"""START HERE: one photo from file to rendition, step by step."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image

from photopipe.photo import DownloadedPhoto, Rendition, ResizedPhoto
from photopipe.resize.background import flatten, pad
from photopipe.resize.budget import PixelBudget, shared_budget
from photopipe.resize.chroma import chroma_for
from photopipe.resize.colour import Colour, convert_colour
from photopipe.resize.decode import Decoded, Opened, load_pixels, most_demanding, open_picture
from photopipe.resize.decoding_bytes import decoding_bytes
from photopipe.resize.encode import Encoded, encode
from photopipe.resize.exif_block import uncalibrated
from photopipe.resize.file_name import rendition_name
from photopipe.resize.metadata import Metadata, read_metadata
from photopipe.resize.orient import turn_upright
from photopipe.resize.output_format import output_format
from photopipe.resize.refusal import refusing_bad_pictures
from photopipe.resize.sharpen import sharpen
from photopipe.resize.shrink import shrink
from photopipe.resize.source_file import unchanged_file
from photopipe.resize.source_profile import source_profile
from photopipe.resize.watermark import watermarked
from photopipe.resize.writers import Attachments
from photopipe.settings import ResizeSettings

DEFAULT_NAME: Final = "default"
"""Of the one rendition nobody has given a name."""


def resize(photo: DownloadedPhoto, settings: ResizeSettings, budget: PixelBudget | None = None) -> ResizedPhoto:
    """Resize one photo.

    Knows neither threads nor queues; any number of calls may run at the same time.

    Args:
        photo: the photo, with the stat values that were true while it was hashed.
        settings: the box, the quality and the limit of pixels.
        budget: memory for decoding, waited for; None for the one all calls with the same `memory_bytes` share.

    Returns:
        An upright picture that fits the box, never larger than the source. The same file and settings give the
        same bytes, for a given Pillow and JPEG decoder.

    Raises:
        PhotoVanished: the file is gone.
        PhotoChanged: the file is no longer the one that was found.
        DownloadError: the operating system cannot read it.
        PhotoUnreadable: it is no picture, or a damaged one.
        PhotoTooLarge: it has more pixels than the limit.
    """
    (only,) = resize_all(photo, [(DEFAULT_NAME, settings)], budget)
    return only


def resize_all(
    photo: DownloadedPhoto, renditions: Sequence[tuple[str, ResizeSettings]], budget: PixelBudget | None = None
) -> tuple[ResizedPhoto, ...]:
    """Make several renditions of one photo from one decode.

    Args:
        photo: as for `resize`.
        renditions: name and settings of each, at least one.
        budget: as for `resize`.

    Returns:
        One for each, in the same order, with its name.

    Raises:
        ItemError: as `resize`; all are made or none.
    """
    wanted = [settings for _, settings in renditions]
    with unchanged_file(photo.found) as file, refusing_bad_pictures():
        shrunk = _all_shrunk(file, wanted, budget or shared_budget(wanted[0].memory_bytes))
    return tuple(
        _finished(photo, name, one, settings) for (name, settings), one in zip(renditions, shrunk, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """A picture at its final size, with what its file says about it; the file is no longer needed."""

    image: Image.Image
    format: str
    profile: object
    canvas: tuple[int, int]
    is_smaller: bool
    metadata: Metadata
    warnings: tuple[str, ...]


def _all_shrunk(file: BinaryIO, wanted: Sequence[ResizeSettings], budget: PixelBudget) -> list[_Shrunk]:
    """All that happens to the full picture, in a frame of its own: when it ends, the full picture is gone."""
    opened = open_picture(file, wanted[0])
    profile = source_profile(opened.image, file)
    largest = most_demanding(opened, wanted)
    with budget.take(decoding_bytes(opened.image, opened.size, file.seek(0, os.SEEK_END), largest)):
        decoded = load_pixels(opened, largest)
        return [_shrunk(opened, decoded.shown_by(settings), profile, settings) for settings in wanted]


def _shrunk(opened: Opened, decoded: Decoded, profile: object, settings: ResizeSettings) -> _Shrunk:
    metadata = read_metadata(opened.image, settings)
    placed = decoded.placement
    chroma = chroma_for(placed, metadata.orientation, profile, opened.format, settings)
    small = shrink(decoded.image, placed.size, decoded.crop, chroma=chroma)
    is_smaller = placed.size[0] < placed.crop[2] - placed.crop[0]
    return _Shrunk(small, opened.format, profile, placed.canvas, is_smaller, metadata, opened.warnings)


def _finished(photo: DownloadedPhoto, name: str, shrunk: _Shrunk, settings: ResizeSettings) -> ResizedPhoto:
    """Colour, turn, mark and encode what has its size."""
    about, colour = shrunk.metadata, _coloured(shrunk, settings)
    upright = watermarked(turn_upright(colour.image, about.orientation), settings)
    exif = about.exif if colour.is_srgb else uncalibrated(about.exif)
    encoded = encode(upright, settings, shrunk.format, Attachments(exif, about.xmp, colour.icc))
    warnings = shrunk.warnings + about.warnings + colour.warnings + encoded.warnings
    rendition = _describe(photo, name, upright.size, encoded)
    return ResizedPhoto(photo, replace(rendition, taken_at=about.taken_at, warnings=warnings), encoded.data)


def _coloured(shrunk: _Shrunk, settings: ResizeSettings) -> Colour:
    """Colours last, on few pixels; the background, which has the settings' colours, only then."""
    target = output_format(settings.format, shrunk.format)
    colour = convert_colour(shrunk.image, shrunk.profile, settings.color, grey_out=target.has_grey)
    solid = colour if target.has_alpha else flatten(colour, settings.background)
    crisp = sharpen(solid) if settings.sharpen and shrunk.is_smaller else solid
    return pad(crisp, shrunk.canvas, settings.background)


def _describe(photo: DownloadedPhoto, name: str, size: tuple[int, int], encoded: Encoded) -> Rendition:
    data, suffix = encoded.data, "" if name == DEFAULT_NAME else f"-{name}"
    return Rendition(
        file_name=rendition_name(photo.found.name, suffix + encoded.extension),
        content_type=encoded.content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        width_px=size[0],
        height_px=size[1],
        taken_at=None,
        name=name,
    )
