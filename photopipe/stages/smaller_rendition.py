"""What is done with a photo whose file is too large for the gallery."""

from dataclasses import replace
from typing import Final

from photopipe.errors import TooLargeForGallery
from photopipe.photo import ResizedPhoto
from photopipe.settings import ResizeSettings
from photopipe.stop_token import StopToken

SHARE: Final = 0.75
"""Of the sides that were too long: a little more than half the bytes."""
SMALLEST_PX: Final = 320


def smaller(photo: ResizedPhoto, name: str, settings: ResizeSettings, stop: StopToken) -> ResizedPhoto:
    """The same photo, made again from its source, each side three quarters as long.

    Args:
        photo: what was too large.
        name: of the rendition.
        settings: the rendition's.
        stop: ends the wait for memory.

    Raises:
        TooLargeForGallery: it is small already, or is an original, which is sent as it is or not at all.
        ItemError: the source can no longer be resized.
    """
    from photopipe.resize.resize import resize_all

    longest_px = max(photo.rendition.width_px, photo.rendition.height_px)
    if photo.is_original or longest_px * SHARE < SMALLEST_PX:
        raise TooLargeForGallery("cannot be uploaded: even a small rendition of it is too large for the gallery.")
    box = (max(1, int(photo.rendition.width_px * SHARE)), max(1, int(photo.rendition.height_px * SHARE)))
    if settings.fit == "inside":
        box = (int(longest_px * SHARE), int(longest_px * SHARE))
    smaller_settings = replace(settings, max_width_px=box[0], max_height_px=box[1])
    (made,) = resize_all(photo.source, [(name, smaller_settings)], stop=stop)
    return replace(made, rendition=replace(made.rendition, recipe_id=photo.rendition.recipe_id))
