"""START HERE for animations: all frames of a GIF, WebP or PNG, resized one by one into an animated WebP or PNG."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image

from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.animation.frames import Frames, check_animation, plays
from photopipe.resize.colour.colour import Colour, convert_colour, source_profile
from photopipe.resize.colour.transform import SRGB_PROFILE
from photopipe.resize.finish.background import pad
from photopipe.resize.finish.orient import turn_upright
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.finish.watermark import watermarked
from photopipe.resize.input.losses import loses_more_than_frames
from photopipe.resize.input.picture import Opened
from photopipe.resize.metadata.exif_block import uncalibrated
from photopipe.resize.metadata.metadata import Metadata, kept_metadata
from photopipe.resize.metadata.sidecars import with_sidecars
from photopipe.resize.metadata.source_metadata import read_source_metadata
from photopipe.resize.output.encode import FORMATS, Encoded, check_sides, describe, output_format
from photopipe.resize.output.max_bytes import fit_max_bytes, too_many_bytes
from photopipe.resize.output.output_format import Attachments, Format
from photopipe.resize.pixels.fit import Placement, placement_of, upright_size
from photopipe.resize.pixels.pixel_budget import PixelBudget
from photopipe.resize.pixels.resample import shrink
from photopipe.settings import ResizeSettings
from photopipe.stop_token import StopToken

FULL_PICTURES: Final = 6
"""Of the source's size, while a frame is decoded: the current one, earlier ones, and what a decoder holds."""
SMALL_PICTURES: Final = 8
"""Of the rendition's size: the frame, and what the encoder compares it with."""
PIXEL_BYTES: Final = 4
WEBP: Final = FORMATS["webp"]
"""What formats without animations become."""
Finish = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class _Look:
    """What all frames share.

    Attributes:
        metadata: of the whole.
        placed: the placement of each frame.
        colour: the first frame, coloured.
        finish: makes a frame of the result from a decoded one.
    """

    metadata: Metadata
    placed: Placement
    colour: Colour
    finish: Finish


def animated(
    photo: DownloadedPhoto,
    opened: Opened,
    file: BinaryIO,
    settings: ResizeSettings,
    budget: PixelBudget,
    *,
    name: str,
    stop: StopToken,
) -> ResizedPhoto:
    """Resize an animation; the frames, their durations and the number of plays stay.

    Args:
        photo: the photo.
        opened: an animation, see `is_animation`.
        file: its file.
        settings: as for still pictures. Formats without animations become WebP.
        budget: memory for decoding, waited for.
        name: of the rendition.
        stop: ends the wait.

    Raises:
        PhotoTooLarge: all frames together have more pixels than the limit, or do not fit into `settings.max_bytes`.
        PhotoUnreadable: it ends early, or is damaged.
        RunStopped: the run was told to stop while the photo waited for memory.
        Exception: whatever Pillow raises on damaged files, see `decode_errors.py`.
    """
    check_animation(opened, file, settings.max_pixels)
    lost = loses_more_than_frames(opened.image, opened.format, file)
    wanted = output_format(settings.format, opened.format)
    target = WEBP if wanted.write_animation is None else wanted
    with budget.take(_memory_bytes(opened, file, settings), stop):
        look = _look(photo, opened, file, settings, wanted)
        frames = Frames(opened.image, look.finish)
        check_sides(frames.size, target)
        data = _written(frames, plays(opened), target, settings, look)
    rendition = describe(photo, name, frames.size, look.metadata, Encoded(data, target))
    warnings = (*lost, *look.metadata.warnings, *look.colour.warnings)
    width_px, height_px = upright_size(opened.shown, opened.metadata.orientation)
    rendition = replace(rendition, warnings=warnings, source_width_px=width_px, source_height_px=height_px)
    return ResizedPhoto(photo, rendition, data)


def _look(photo: DownloadedPhoto, opened: Opened, file: BinaryIO, settings: ResizeSettings, wanted: Format) -> _Look:
    profile = source_profile(opened.image, opened.metadata.exif, file)
    opened.image.load()
    source = read_source_metadata(opened.image)  # some may come after the pixels of the first frame
    orientation = source.orientation
    placed = placement_of(opened.size, orientation, settings, wanted.longest_side_px)

    def coloured(frame: Image.Image) -> Colour:
        small = shrink(frame, placed.size, placed.crop)
        return convert_colour(small, profile, settings.color, grey_out=False)

    def finish(frame: Image.Image) -> Image.Image:
        colour = coloured(frame)
        crisp = sharpen(colour) if settings.sharpen and placed.scale < 1 else colour
        padded = pad(crisp, placed.canvas, settings.background)
        return watermarked(turn_upright(padded.image, orientation), settings).convert("RGBA")

    metadata = kept_metadata(with_sidecars(source, photo.found), settings)
    return _Look(metadata, placed, coloured(opened.image), finish)


def _written(frames: Frames, count: int, target: Format, settings: ResizeSettings, look: _Look) -> bytes:
    write = target.write_animation
    assert write is not None  # noqa: S101 - only such formats are chosen, for the type checker
    profile = look.colour.icc or (SRGB_PROFILE if settings.color == "srgb" else None)
    exif = look.metadata.exif if look.colour.is_srgb else uncalibrated(look.metadata.exif)
    attached, max_bytes = Attachments(exif, look.metadata.xmp, profile), settings.max_bytes
    if max_bytes is not None and target.has_quality:
        return fit_max_bytes(lambda quality: write(frames, quality, count, attached), settings.quality, max_bytes)
    data = write(frames, settings.quality, count, attached)
    if max_bytes is not None and len(data) > max_bytes:
        raise too_many_bytes(len(data), max_bytes, f"as {target.name}, which has no quality to lower")
    return data


def _memory_bytes(opened: Opened, file: BinaryIO, settings: ResizeSettings) -> int:
    position = file.tell()
    file_bytes = file.seek(0, os.SEEK_END)
    file.seek(position)
    canvas = placement_of(opened.size, 1, settings).canvas
    full, small = opened.size[0] * opened.size[1], canvas[0] * canvas[1]
    return file_bytes + PIXEL_BYTES * (FULL_PICTURES * full + SMALL_PICTURES * small)
