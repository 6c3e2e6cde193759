"""START HERE: one photo from file to rendition, step by step."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image

from photopipe.errors import PhotoUnreadable
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.colour.colour import Colour, convert_colour, source_profile
from photopipe.resize.decoders.decode_errors import out_of_memory, refusing_bad_pictures
from photopipe.resize.finish.background import flatten, pad
from photopipe.resize.finish.orient import turn_upright
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.finish.watermark import watermarked
from photopipe.resize.input.picture import Decoded, Opened, decoding_bytes, load_pixels, open_picture
from photopipe.resize.metadata.exif_block import uncalibrated
from photopipe.resize.metadata.metadata import Metadata, metadata_for_each
from photopipe.resize.metadata.sidecars import with_sidecars
from photopipe.resize.output.encode import DEFAULT_NAME, describe, encode, output_format
from photopipe.resize.output.output_format import Attachments, Format
from photopipe.resize.pixels.fit import Box, Placement, Size, placement_of, upright_size
from photopipe.resize.pixels.pixel_budget import PixelBudget, shared_budget
from photopipe.resize.pixels.resample import shrink
from photopipe.resize.pixels.resample_source import ResampleSource, resample_source
from photopipe.resize.special_renditions import special_renditions
from photopipe.settings import ResizeSettings
from photopipe.stop_token import NEVER, StopToken

PICTURE_BYTES: Final = 8
"""Per pixel of a rendition: the picture, and the copy that turning, colours or padding make of it."""


def resize(
    photo: DownloadedPhoto, settings: ResizeSettings, budget: PixelBudget | None = None, stop: StopToken = NEVER
) -> ResizedPhoto:
    """Resize one photo.

    Knows neither threads nor queues; any number of calls may run at the same time.

    Args:
        photo: the photo, with the stat values that were true while it was hashed.
        settings: the box, the quality and the limit of pixels.
        budget: memory for decoding, waited for; None for the one all calls with the same `memory_bytes` share.
        stop: ends the wait for memory.

    Returns:
        An upright picture that fits the box, never larger than the source. The same file and settings give the
        same bytes, for given releases of Pillow, simplejpeg and cykooz-resizer.

    Raises:
        PhotoVanished: the file is gone.
        PhotoChanged: the file is no longer the one that was found.
        DownloadError: the operating system cannot read it.
        PhotoUnreadable: it is not a picture, or is damaged.
        PhotoTooLarge: it has more pixels than the limit, or needs more memory than there is.
        RunStopped: the run was told to stop while the photo waited for memory.
    """
    (only,) = resize_all(photo, [(DEFAULT_NAME, settings)], budget, stop)
    return only


def resize_all(
    photo: DownloadedPhoto,
    renditions: Sequence[tuple[str, ResizeSettings]],
    budget: PixelBudget | None = None,
    stop: StopToken = NEVER,
) -> tuple[ResizedPhoto, ...]:
    """Make several renditions of one photo from one decode, but for originals and kept animations.

    Args:
        photo: as for `resize`.
        renditions: name and settings of each, at least one.
        budget: as for `resize`.
        stop: as for `resize`.

    Returns:
        One for each, in the same order, with its name.

    Raises:
        ItemError: as `resize`; all are made or none.
        RunStopped: as `resize`.
    """
    budget = budget or shared_budget(renditions[0][1].memory_bytes)
    special = [one for one in renditions if _may_be_special(one[1])]
    with unchanged_file(photo.content) as file, refusing_bad_pictures():
        made = special_renditions(photo, file, special, budget, stop) if special else {}
        still = [(name, settings) for name, settings in renditions if name not in made]
        shrunk = _all_shrunk(photo, file, [settings for _, settings in still], budget, stop) if still else []
    for (name, settings), one in zip(still, shrunk, strict=True):
        width_px, height_px = one.placement.canvas
        with budget.take(width_px * height_px * (PICTURE_BYTES + one.target.encoder_bytes), stop):
            made[name] = _encoded(photo, name, one, settings)
    return tuple(made[name] for name, _ in renditions)


def _may_be_special(settings: ResizeSettings) -> bool:
    return settings.original or settings.hdr == "original" or settings.animation == "keep"


@contextmanager
def unchanged_file(found: FoundPhoto) -> Iterator[BinaryIO]:
    """Open a found photo for reading, and make sure that it is the same before and after the block."""
    with found.open() as file:
        try:
            yield file
        except PhotoUnreadable:
            found.check_unchanged(file)  # a file still being written is not a damaged one
            raise
        found.check_unchanged(file)


@dataclass(frozen=True, slots=True)
class _Shrunk:
    """A picture at its final size, with all that is needed from its file."""

    image: Image.Image
    target: Format
    profile: object
    placement: Placement
    orientation: int
    metadata: Metadata
    warnings: tuple[str, ...]
    source_size: Size


def _all_shrunk(
    photo: DownloadedPhoto, file: BinaryIO, wanted: Sequence[ResizeSettings], budget: PixelBudget, stop: StopToken
) -> list[_Shrunk]:
    """Everything that needs the full picture; when this returns, the full picture is freed."""
    opened = open_picture(file, wanted[0])
    profile = source_profile(opened.image, opened.metadata.exif, file)
    targets = [output_format(settings.format, opened.format) for settings in wanted]
    placements = _placements(opened.shown, opened.metadata.orientation, wanted, targets)
    most_demanding = max(placements, key=lambda placement: placement.scale)
    with budget.take(decoding_bytes(opened, most_demanding, file), stop):
        decoded = load_pixels(opened, most_demanding, wanted[0].max_pixels)
        if not _is_as_claimed(opened, decoded):
            placements = _placements(decoded.shown, decoded.metadata.orientation, wanted, targets)
        small = _shrink_each(decoded, placements, wanted)
        kept = metadata_for_each(with_sidecars(decoded.metadata, photo.found), wanted)
        return [
            _Shrunk(
                *(image, target, profile, placement, decoded.metadata.orientation, metadata, opened.warnings),
                source_size=upright_size(decoded.shown, decoded.metadata.orientation),
            )
            for image, target, placement, metadata in zip(small, targets, placements, kept, strict=True)
        ]


def _placements(
    shown: Size, orientation: int, wanted: Sequence[ResizeSettings], targets: Sequence[Format]
) -> list[Placement]:
    return [
        placement_of(shown, orientation, settings, target.longest_side_px)
        for settings, target in zip(wanted, targets, strict=True)
    ]


def _is_as_claimed(opened: Opened, decoded: Decoded) -> bool:
    return opened.shown == decoded.shown and opened.metadata.orientation == decoded.metadata.orientation


def _shrink_each(
    decoded: Decoded, placements: Sequence[Placement], wanted: Sequence[ResizeSettings]
) -> list[Image.Image]:
    """Shrink to every size, the largest first, because it may serve the smaller ones.

    The order does not depend on that of `wanted`, so that the same renditions always come from the same pixels.
    """
    order = list(range(len(wanted)))
    if len(wanted) > 1:
        order.sort(key=lambda at: (-placements[at].scale, wanted[at].recipe_id))
    made: dict[int, Image.Image] = {}
    for at in order:
        source = ResampleSource(decoded.image, _in_window(placements[at].crop, decoded))
        if made:
            source = resample_source(source, placements[at], [(placements[other], made[other]) for other in made])
        made[at] = shrink(source.image, placements[at].size, source.crop)
    return [made[at] for at in range(len(wanted))]


def _in_window(crop: Box, decoded: Decoded) -> Box:
    """A part of the picture the file claims, in the pixels that were decoded."""
    left, upper, right, lower = decoded.window
    across, down = (right - left) / decoded.shown[0], (lower - upper) / decoded.shown[1]
    return crop[0] * across + left, crop[1] * down + upper, crop[2] * across + left, crop[3] * down + upper


def _encoded(photo: DownloadedPhoto, name: str, shrunk: _Shrunk, settings: ResizeSettings) -> ResizedPhoto:
    """Finish a picture that has its size, and encode it."""
    try:
        colour = _finished(shrunk, settings)
        kept = shrunk.metadata
        exif = kept.exif if colour.is_srgb else uncalibrated(kept.exif)
        encoded = encode(colour.image, settings, shrunk.target, Attachments(exif, kept.xmp, colour.icc))
    except MemoryError as error:
        raise out_of_memory(error) from error
    warnings = shrunk.warnings + kept.warnings + colour.warnings + encoded.warnings
    rendition = describe(photo, name, colour.image.size, kept, encoded)
    width_px, height_px = shrunk.source_size
    rendition = replace(rendition, warnings=warnings, source_width_px=width_px, source_height_px=height_px)
    return ResizedPhoto(photo, rendition, encoded.data)


def _finished(shrunk: _Shrunk, settings: ResizeSettings) -> Colour:
    """Convert colours first, now that pixels are few: the background is given in the colours of the result."""
    colour = convert_colour(shrunk.image, shrunk.profile, settings.color, grey_out=shrunk.target.has_grey)
    if not shrunk.target.has_alpha and colour.image.mode in ("LA", "RGBA"):
        colour = flatten(colour, settings.background)
    if settings.sharpen and shrunk.placement.scale < 1:
        colour = sharpen(colour)
    if colour.image.size != shrunk.placement.canvas:
        colour = pad(colour, shrunk.placement.canvas, settings.background)
    if shrunk.orientation != 1:
        colour = replace(colour, image=turn_upright(colour.image, shrunk.orientation))
    if settings.watermark_file is not None or settings.watermark_text:
        colour = replace(colour, image=watermarked(colour.image, settings))
    return colour
