"""START HERE: one photo from file to rendition, step by step."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from PIL import Image

from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.colour.colour import Colour, convert_colour
from photopipe.resize.colour.source_profile import source_profile
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.finish.background import flatten, pad
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.finish.watermark import watermarked
from photopipe.resize.input.decoding_bytes import decoding_bytes
from photopipe.resize.input.picture import Decoded, load_pixels, most_demanding, open_picture
from photopipe.resize.input.source_file import unchanged_file
from photopipe.resize.metadata.exif_block import uncalibrated
from photopipe.resize.metadata.metadata import Metadata, metadata_for_each
from photopipe.resize.output.describe import DEFAULT_NAME, describe
from photopipe.resize.output.encode import encode
from photopipe.resize.output.encoding_bytes import encoding_bytes
from photopipe.resize.output.output_format import output_format
from photopipe.resize.output.writers import Attachments
from photopipe.resize.pixels.fit import Placement
from photopipe.resize.pixels.orient import turn_upright
from photopipe.resize.pixels.pixel_budget import PixelBudget, shared_budget
from photopipe.resize.pixels.shrink import shrink
from photopipe.resize.resample_source import resample_source
from photopipe.resize.special_renditions import special_renditions
from photopipe.settings import ResizeSettings


def resize(photo: DownloadedPhoto, settings: ResizeSettings, budget: PixelBudget | None = None) -> ResizedPhoto:
    """Resize one photo.

    Knows neither threads nor queues; any number of calls may run at the same time.

    Args:
        photo: the photo, with the stat values that were true while it was hashed.
        settings: the box, the quality and the limit of pixels.
        budget: memory for decoding, waited for; None for the one all calls with the same `memory_bytes` share.

    Returns:
        An upright picture that fits the box, never larger than the source. The same file and settings give the
        same bytes, for given releases of Pillow, simplejpeg and cykooz-resizer.

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
    """Make several renditions of one photo from one decode, but for originals and kept animations.

    Args:
        photo: as for `resize`.
        renditions: name and settings of each, at least one.
        budget: as for `resize`.

    Returns:
        One for each, in the same order, with its name.

    Raises:
        ItemError: as `resize`; all are made or none.
    """
    budget = budget or shared_budget(renditions[0][1].memory_bytes)
    with unchanged_file(photo.found) as file, refusing_bad_pictures():
        made = special_renditions(photo, file, renditions, budget)
        still = [(name, settings) for name, settings in renditions if name not in made]
        shrunk = _all_shrunk(file, [settings for _, settings in still], budget) if still else []
    for (name, settings), one in zip(still, shrunk, strict=True):
        form = output_format(settings.format, one.format).name
        with budget.take(encoding_bytes(one.placement.canvas, form)):
            made[name] = _finished(photo, name, one, settings)
    return tuple(made[name] for name, _ in renditions)


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """A picture at its final size, with what its file says about it; the file is no longer needed."""

    image: Image.Image
    format: str
    profile: object
    placement: Placement
    metadata: Metadata
    warnings: tuple[str, ...]


def _all_shrunk(file: BinaryIO, wanted: Sequence[ResizeSettings], budget: PixelBudget) -> list[_Shrunk]:
    """All that happens to the full picture, in a frame of its own: when it ends, the full picture is gone."""
    opened = open_picture(file, wanted[0])
    profile = source_profile(opened.image, file)
    largest = most_demanding(opened, wanted)
    with budget.take(decoding_bytes(opened.image, opened.size, file.seek(0, os.SEEK_END), largest)):
        decoded = load_pixels(opened, largest)
        about = metadata_for_each(opened.image, wanted)
        placed = [decoded.shown_by(settings) for settings in wanted]
        made: dict[int, _Shrunk] = {}
        for at in _largest_first(placed, wanted):
            source = resample_source(placed[at], [(one.placement, one.image) for one in made.values()])
            small = shrink(source.image, source.placement.size, source.crop)
            made[at] = _Shrunk(small, opened.format, profile, source.placement, about[at], opened.warnings)
    return [made[at] for at in range(len(wanted))]


def _largest_first(placed: Sequence[Decoded], wanted: Sequence[ResizeSettings]) -> list[int]:
    """The same order whatever the order of `wanted`, because what comes first may serve what follows."""
    return sorted(range(len(wanted)), key=lambda at: (-placed[at].placement.scale, wanted[at].recipe_id))


def _finished(photo: DownloadedPhoto, name: str, shrunk: _Shrunk, settings: ResizeSettings) -> ResizedPhoto:
    """Colour, turn, mark and encode what has its size."""
    about, (upright, colour) = shrunk.metadata, _upright(shrunk, settings)
    exif = about.exif if colour.is_srgb else uncalibrated(about.exif)
    encoded = encode(upright, settings, shrunk.format, Attachments(exif, about.xmp, colour.icc))
    warnings = shrunk.warnings + about.warnings + colour.warnings + encoded.warnings
    rendition = describe(photo, name, upright.size, about, encoded)
    return ResizedPhoto(photo, replace(rendition, warnings=warnings), encoded.data)


def _upright(shrunk: _Shrunk, settings: ResizeSettings) -> tuple[Image.Image, Colour]:
    """The finished picture, and what is to be said of its colours."""
    colour = _coloured(shrunk, settings)
    return watermarked(turn_upright(colour.image, shrunk.metadata.orientation), settings), colour


def _coloured(shrunk: _Shrunk, settings: ResizeSettings) -> Colour:
    """Colours last, on few pixels; the background, which has the settings' colours, only then."""
    target = output_format(settings.format, shrunk.format)
    colour = convert_colour(shrunk.image, shrunk.profile, settings.color, grey_out=target.has_grey)
    solid = colour if target.has_alpha else flatten(colour, settings.background)
    crisp = sharpen(solid) if settings.sharpen and shrunk.placement.scale < 1 else solid
    return pad(crisp, shrunk.placement.canvas, settings.background)
