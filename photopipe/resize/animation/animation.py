"""START HERE for animations: all frames of a GIF, WebP or PNG, resized one by one into an animated WebP or PNG."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image

from photopipe.errors import PhotoTooLarge
from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.animation.apng import write_apng
from photopipe.resize.animation.frames import Frames, check_animation, plays
from photopipe.resize.colour.colour import Colour, convert_colour
from photopipe.resize.colour.source_profile import source_profile
from photopipe.resize.colour.transform import SRGB_PROFILE
from photopipe.resize.finish.background import pad
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.finish.watermark import watermarked
from photopipe.resize.input.losses import loses_more_than_frames
from photopipe.resize.input.picture import Opened
from photopipe.resize.metadata.exif_block import uncalibrated
from photopipe.resize.metadata.metadata import Metadata, read_metadata
from photopipe.resize.output.describe import describe
from photopipe.resize.output.encode import Encoded
from photopipe.resize.output.max_bytes import fit_max_bytes, too_many_bytes
from photopipe.resize.output.output_format import PNG, WEBP, Format, output_format
from photopipe.resize.output.writers import WEBP_METHOD, Attachments
from photopipe.resize.pixels.fit import Placement, place
from photopipe.resize.pixels.orient import turn_upright
from photopipe.resize.pixels.pixel_budget import PixelBudget
from photopipe.resize.pixels.shrink import shrink
from photopipe.settings import ResizeSettings

FULL_PICTURES: Final = 6
"""Of the source's size, while a frame is decoded: the one shown, those before it, and what a decoder holds."""
SMALL_PICTURES: Final = 8
"""Of the rendition's size: the frame, and what the encoder compares it with."""
PIXEL_BYTES: Final = 4
EXIF_PREFIX: Final = b"Exif\0\0"
EXTENDED: Final = 12
FLAGS: Final = 20
HAS_ALPHA: Final = 0x10
"""Source: RFC 9649, 2.7 (extended file format): where the header stands, its flags, and one of them."""
Finish = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class _Look:
    """What all frames have in common.

    Attributes:
        about: metadata of the whole.
        placed: what becomes of each frame.
        colour: the first frame, coloured.
        finish: makes a frame of the result of a decoded one.
    """

    about: Metadata
    placed: Placement
    colour: Colour
    finish: Finish


def animated(
    photo: DownloadedPhoto, opened: Opened, file: BinaryIO, settings: ResizeSettings, budget: PixelBudget, *, name: str
) -> ResizedPhoto:
    """Resize an animation: frames, durations and how often it is shown stay.

    Args:
        photo: the photo.
        opened: an animation, see `is_animation`.
        file: its file.
        settings: as for still pictures. Formats without animations become WebP.
        budget: memory for decoding, waited for.
        name: of the rendition.

    Raises:
        PhotoTooLarge: all frames together have more pixels than the limit, or do not fit into `settings.max_bytes`.
        PhotoUnreadable: it ends early, or is damaged.
        Exception: whatever Pillow raises on damaged files, see `refusal.py`.
    """
    check_animation(opened, file, settings.max_pixels)
    lost = loses_more_than_frames(opened.image, opened.format, file)
    target = PNG if output_format(settings.format, opened.format) == PNG else WEBP
    with budget.take(_memory_bytes(opened, file, settings)):
        look = _look(opened, file, settings)
        frames = Frames(opened.image, look.finish)
        _check_sides(frames.size, target)
        encoded = _encoded(frames, plays(opened), target, settings, look)
    warnings = (*lost, *look.about.warnings, *look.colour.warnings)
    rendition = describe(photo, name, frames.size, look.about, encoded)
    return ResizedPhoto(photo, replace(rendition, warnings=warnings), encoded.data)


def _look(opened: Opened, file: BinaryIO, settings: ResizeSettings) -> _Look:
    profile = source_profile(opened.image, file)
    opened.image.load()
    about = read_metadata(opened.image, settings)
    placed = place(opened.size, about.orientation, settings)

    def coloured(frame: Image.Image) -> Colour:
        small = shrink(frame, placed.size, placed.crop)
        return convert_colour(small, profile, settings.color, grey_out=False)

    def finish(frame: Image.Image) -> Image.Image:
        colour = coloured(frame)
        crisp = sharpen(colour) if settings.sharpen and placed.scale < 1 else colour
        padded = pad(crisp, placed.canvas, settings.background)
        return watermarked(turn_upright(padded.image, about.orientation), settings).convert("RGBA")

    return _Look(about, placed, coloured(opened.image), finish)


def _encoded(frames: Frames, count: int, target: Format, settings: ResizeSettings, look: _Look) -> Encoded:
    profile = look.colour.icc or (SRGB_PROFILE if settings.color == "srgb" else None)
    exif = look.about.exif if look.colour.is_srgb else uncalibrated(look.about.exif)
    attached = Attachments(exif, look.about.xmp, profile)
    if target == PNG:
        data = write_apng(frames, frames.n_frames, count, attached)
        if settings.max_bytes is not None and len(data) > settings.max_bytes:
            raise too_many_bytes(len(data), settings.max_bytes, f"as {target.name}, which has no quality to lower")
    elif settings.max_bytes is None:
        data = _write_webp(frames, settings.quality, count, attached)
    else:
        data = fit_max_bytes(
            lambda quality: _write_webp(frames, quality, count, attached), settings.quality, settings.max_bytes
        )
    return Encoded(data, target.content_type, target.extension)


def _write_webp(frames: Frames, quality: int, count: int, attached: Attachments) -> bytes:
    buffer = io.BytesIO()
    frames.seek(0)
    frames.save(
        buffer,
        "WEBP",
        save_all=True,
        duration=frames.durations_ms,  # asked for a frame's after the frame itself
        loop=count,
        quality=quality,
        method=WEBP_METHOD,
        exif=attached.exif.removeprefix(EXIF_PREFIX),  # Pillow takes it off only where there is one frame
        icc_profile=attached.icc,
        xmp=attached.xmp or b"",
    )
    data = buffer.getvalue()
    if frames.is_clear and data[EXTENDED:FLAGS].startswith(b"VP8X"):
        # libwebp does not say so if all that is clear lies around its frames, and readers then see black
        data = data[:FLAGS] + bytes([data[FLAGS] | HAS_ALPHA]) + data[FLAGS + 1 :]
    return data


def _check_sides(size: tuple[int, int], target: Format) -> None:
    if max(size) > target.longest_side_px:
        raise PhotoTooLarge(
            f"cannot be resized: {size[0]} x {size[1]} pixels, and a side of {target.name} has at most "
            f"{target.longest_side_px}. Choose a smaller size or another format."
        )


def _memory_bytes(opened: Opened, file: BinaryIO, settings: ResizeSettings) -> int:
    position = file.tell()
    file_bytes = file.seek(0, os.SEEK_END)
    file.seek(position)
    canvas = place(opened.size, 1, settings).canvas
    full, small = opened.size[0] * opened.size[1], canvas[0] * canvas[1]
    return file_bytes + PIXEL_BYTES * (FULL_PICTURES * full + SMALL_PICTURES * small)
