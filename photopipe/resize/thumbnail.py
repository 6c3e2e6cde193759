"""A small picture of a photo for the pages of the embedded gallery: upright, in sRGB, and nothing but pixels."""

from typing import BinaryIO, Final

from PIL import Image

from photopipe.resize.colour.colour import convert_colour, source_profile
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.finish.background import flatten
from photopipe.resize.finish.orient import turn_upright
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.input.picture import decoding_bytes, load_pixels, open_picture
from photopipe.resize.output.encode import FORMATS, encode
from photopipe.resize.output.output_format import Attachments
from photopipe.resize.pixels.fit import placement_of
from photopipe.resize.pixels.pixel_budget import shared_budget
from photopipe.resize.pixels.resample import shrink
from photopipe.settings import ResizeSettings

WEBP: Final = FORMATS["webp"]
NOTHING_ATTACHED: Final = Attachments(b"", None, None)
"""Without a profile, browsers take the colours for sRGB, which they are."""


def make_thumbnail(
    file: BinaryIO, *, max_height_px: int | None = None, max_side_px: int | None = None, quality: int = 75
) -> bytes:
    """Make a small picture of a photo.

    Any number of calls may run at the same time; they wait for memory as all that decode in this process.

    Args:
        file: a picture of any kind that photos come in; its position is moved.
        max_height_px: height of the box that the upright picture is fitted in; None for no limit.
        max_side_px: width and height of the box, likewise.
        quality: 1 to 95, as for renditions.

    Returns:
        A WebP file, never larger than the photo: of animations the first frame, of RAW files the camera's own JPEG
        if that is large enough. What is transparent is white.

    Raises:
        ResizeError: it is not a picture that can be read here, or has too many pixels.
        DownloadError: the operating system cannot read it.
    """
    side_px = max_side_px or WEBP.longest_side_px
    settings = ResizeSettings(
        max_width_px=side_px, max_height_px=min(side_px, max_height_px or side_px), quality=quality, format=WEBP.name
    )
    with refusing_bad_pictures():
        small = _small_picture(file, settings)
        return encode(small, settings, WEBP, NOTHING_ATTACHED).data


def _small_picture(file: BinaryIO, settings: ResizeSettings) -> Image.Image:
    opened = open_picture(file, settings)
    profile = source_profile(opened.image, opened.metadata.exif, file)
    placed = placement_of(opened.shown, opened.metadata.orientation, settings)
    with shared_budget(settings.memory_bytes).take(decoding_bytes(opened, placed, file)):
        decoded = load_pixels(opened, placed, settings.max_pixels)
        orientation = decoded.metadata.orientation  # of some files, it is known only now; the size likewise
        placed = placement_of(decoded.shown, orientation, settings)
        small = shrink(decoded.image, placed.size, decoded.window)
    colour = flatten(convert_colour(small, profile, "srgb", grey_out=False), settings.background)
    if placed.scale < 1:
        colour = sharpen(colour)
    return turn_upright(colour.image, orientation)
