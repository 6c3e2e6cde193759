"""Turn the picture the way the camera was held."""

from typing import Final

from PIL import Image
from PIL.Image import Transpose

TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes the picture upright. Source: CIPA DC-008 (Exif), tag 274."""


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn and mirror a picture so that it is upright without any tag.

    Args:
        image: the picture as stored.
        orientation: EXIF orientation, 1 to 8.

    Returns:
        The upright picture; the same object if nothing is to be done.
    """
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
