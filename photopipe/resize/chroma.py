"""Whether the chroma of a JPEG can be kept at half size all the way to the JPEG that comes out."""

from typing import Final

from photopipe.resize.colour import is_srgb
from photopipe.resize.fit import Placement
from photopipe.resize.output_format import output_format
from photopipe.resize.planes import Chroma
from photopipe.resize.writers import FULL_CHROMA_FROM
from photopipe.settings import ResizeSettings

UNMIRRORED: Final = frozenset({1, 5})
"""EXIF orientations that leave row 0 and column 0 at the upper left."""


def chroma_for(
    placement: Placement, orientation: int, profile: object, source_format: str, settings: ResizeSettings
) -> Chroma:
    """Choose how chroma is resampled.

    Args:
        placement: where the picture goes.
        orientation: EXIF orientation, 1 to 8.
        profile: the picture's ICC profile, or None.
        source_format: Pillow's name of the source's format.
        settings: what is written.

    Returns:
        `halved` if the encoder will halve chroma just so: nothing converts colours on the way, and the pairs of
        samples still begin at the edge after turning and padding.
    """
    is_marked = bool(settings.watermark_text or settings.watermark_file)
    straight = not is_marked and (not profile or settings.color == "keep" or is_srgb(profile))
    same_pairs = orientation in UNMIRRORED or not any(side_px % 2 for side_px in placement.size)
    to_jpeg = output_format(settings.format, source_format).name == "jpeg" and settings.quality < FULL_CHROMA_FROM
    return "halved" if straight and same_pairs and to_jpeg and placement.canvas == placement.size else "full"
