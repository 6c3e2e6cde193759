"""How much memory finishing and encoding a rendition take, from its size and format."""

from collections.abc import Mapping
from typing import Final

from photopipe.resize.output.output_format import FormatName

PICTURE_BYTES: Final = 8
"""Per pixel: the picture, and the copy that turning, colours or padding make of it."""
ENCODER_BYTES: Final[Mapping[FormatName, int]] = {"jpeg": 4, "webp": 7, "png": 2, "avif": 24}
"""Per pixel: what the encoder holds beside the picture, measured at 12 MP and rounded up; for JPEG, the progressive."""


def encoding_bytes(size: tuple[int, int], form: FormatName) -> int:
    """Estimate the memory that finishing and encoding take.

    Args:
        size: width and height of the rendition [px].
        form: what is written.

    Returns:
        Bytes, rather too many than too few.
    """
    return size[0] * size[1] * (PICTURE_BYTES + ENCODER_BYTES[form])
