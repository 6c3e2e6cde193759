"""Renditions that are not one still picture: originals, and animations that are kept."""

from collections.abc import Iterable
from typing import BinaryIO

from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.animation.animation import animated
from photopipe.resize.animation.frames import is_animation
from photopipe.resize.input.losses import HDR_LOST
from photopipe.resize.input.picture import Opened, open_picture
from photopipe.resize.original import original
from photopipe.resize.pixels.pixel_budget import PixelBudget
from photopipe.settings import ResizeSettings
from photopipe.stop_token import StopToken


def special_renditions(
    photo: DownloadedPhoto,
    file: BinaryIO,
    renditions: Iterable[tuple[str, ResizeSettings]],
    budget: PixelBudget,
    stop: StopToken,
) -> dict[str, ResizedPhoto]:
    """Make those renditions of a photo that are not made from one decoded picture.

    Args:
        photo: the photo.
        file: its file; its position is moved.
        renditions: name and settings of each that may be special.
        budget: memory for decoding, waited for.
        stop: ends the wait.

    Returns:
        Those that are originals, or animations, by name.

    Raises:
        ItemError: the file is not a photo, or is too large.
        RunStopped: the run was told to stop while an animation waited for memory.
        Exception: whatever Pillow raises on damaged files, see `decode_errors.py`.
    """
    made = {}
    for name, settings in renditions:
        if settings.original:
            made[name] = original(photo, name, file, settings)
        else:
            opened = open_picture(file, settings)
            if settings.hdr == "original" and _is_hdr(opened):
                made[name] = original(photo, name, file, settings)
            elif settings.animation == "keep" and is_animation(opened, file):
                made[name] = animated(photo, opened, file, settings, budget, name=name, stop=stop)
    return made


def _is_hdr(opened: Opened) -> bool:
    """The preview in a RAW may have a gain map; the RAW itself is more than that."""
    return opened.format != "RAW" and not HDR_LOST.isdisjoint(opened.warnings)
