"""Bring pixels of any kind to one that Lanczos can average, and shrink them."""

from typing import Final, overload

from PIL import Image

from photopipe.resize.fit import Box, Size
from photopipe.resize.planes import Chroma, Planes, shrink_planes

PLAIN_MODES: Final = {"1": "L", "P": "RGB", "RGBX": "RGB"}
CLEAR_MODES: Final = {"1": "LA", "L": "LA", "La": "LA", "P": "RGBA", "PA": "RGBA", "RGB": "RGBA", "RGBa": "RGBA"}
"""Modes of pictures with transparency: alpha becomes a channel of its own."""
WHITES: Final = (1.0, 255.0, 65_535.0)


@overload
def shrink(image: Image.Image, size: Size, box: Box, *, chroma: Chroma = "full") -> Image.Image: ...
@overload
def shrink(image: Image.Image | Planes, size: Size, box: Box, *, chroma: Chroma = "full") -> Image.Image | Planes: ...
def shrink(image: Image.Image | Planes, size: Size, box: Box, *, chroma: Chroma = "full") -> Image.Image | Planes:
    """Resample the picture to a smaller size.

    Shrinking comes before turning and before colour, because both are cheaper on few pixels.

    Args:
        image: loaded pixels of any mode, or a JPEG's planes.
        size: width and height wanted, not yet turned upright [px].
        box: the part of `image` that is the picture [px].
        chroma: for planes: `halved` if the picture goes into a JPEG that halves it, with nothing in between that
            looks at colours.

    Returns:
        A picture of 8 bits per channel and exactly `size`; alpha is kept. If planes came in, planes for `halved` and
        YCbCr for `full`.
    """
    if isinstance(image, Planes):
        return shrink_planes(image, size, box, chroma)
    # Pillow averages colours by their alpha and, with the gap, reduces in whole steps before it uses Lanczos.
    return _averageable(image).resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _averageable(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bits(image)
    modes = CLEAR_MODES if image.has_transparency_data else PLAIN_MODES
    wanted = modes.get(image.mode, image.mode)
    return image if wanted == image.mode else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale deep grey to 8 bits; Pillow's own conversion would clip it.

    Integers are 0 to 65535. Decimals are 0 to 1, 0 to 255 or 0 to 65535: the first range the brightest pixel fits
    in. In both, a brighter pixel than 65535 becomes the white itself.
    """
    deep = image if image.mode == "F" else image.convert("I")
    brightest = max(float(value) for value in deep.getextrema() if isinstance(value, (int, float)))
    ranges = WHITES if deep.mode == "F" else WHITES[-1:]
    white = next((white for white in ranges if brightest <= white), brightest)
    scale = 255.0 / white
    return deep.point(lambda value: value * scale + 0.5).convert("L")
