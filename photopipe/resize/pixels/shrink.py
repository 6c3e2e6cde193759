"""Bring pixels of any kind to one that Lanczos can average, and shrink them."""

from collections.abc import Iterator
from typing import Final

from PIL import Image

from photopipe.resize.pixels.fit import Box, Size
from photopipe.resize.pixels.resample import resample

PLAIN_MODES: Final = {"1": "L", "P": "RGB"}
CLEAR_MODES: Final = {"1": "LA", "L": "LA", "La": "LA", "P": "RGBA", "PA": "RGBA", "RGB": "RGBA", "RGBa": "RGBA"}
"""Modes of pictures with transparency: alpha becomes a channel of its own."""
WHITES: Final = (1.0, 255.0, 65_535.0)
STRIP_PIXELS: Final = 1_000_000


def shrink(image: Image.Image, size: Size, box: Box) -> Image.Image:
    """Resample the picture to a smaller size.

    Shrinking comes before turning and before colour, because both are cheaper on few pixels.

    Args:
        image: loaded pixels of any mode.
        size: width and height wanted, not yet turned upright [px].
        box: the part of `image` that is the picture [px].

    Returns:
        A picture of 8 bits per channel and exactly `size`; alpha is kept.
    """
    return resample(_averageable(image), size, box)


def _averageable(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bits(image)
    modes = CLEAR_MODES if image.has_transparency_data else PLAIN_MODES
    wanted = modes.get(image.mode, image.mode)
    return image if wanted == image.mode else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale deep grey to 8 bits, strip by strip; Pillow's own conversion would clip it.

    Integers are 0 to 65535. Decimals are 0 to 1, 0 to 255 or 0 to 65535: the first range the brightest pixel fits
    in. In both, a brighter pixel than 65535 becomes the white itself.
    """
    brightest = max(_brightest(strip) for _, strip in _strips(image))
    ranges = WHITES if image.mode == "F" else WHITES[-1:]
    white = next((white for white in ranges if brightest <= white), brightest)
    scale = 255.0 / white
    small = Image.new("L", image.size)
    for upper, strip in _strips(image):
        small.paste(strip.point(lambda value: value * scale + 0.5).convert("L"), (0, upper))
    return small


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """A picture of deep grey in pieces of mode I or F, each with its first row; so only one is held with four bytes."""
    rows = max(1, STRIP_PIXELS // image.width)
    for upper in range(0, image.height, rows):
        strip = image.crop((0, upper, image.width, min(upper + rows, image.height)))
        yield upper, strip if strip.mode == "F" else strip.convert("I")


def _brightest(strip: Image.Image) -> float:
    return max(float(value) for value in strip.getextrema() if isinstance(value, (int, float)))
