"""Change how many pixels a picture has: `shrink` for pixels of any kind, `resample` for those Lanczos can average.

`cykooz-resizer`, where it is installed, has the same kernel as Pillow and works in vector units: a fifth to a tenth of
the time. Pillow is used where there is no wheel of it (musl, Linux on ARM) and for modes it does not support.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from PIL import Image, _imaging

from photopipe.resize.pixels.fit import Box, Size

LANCZOS: Final = Image.Resampling.LANCZOS
VECTORED: Final = frozenset({"L", "RGB", "RGBX", "RGBA", "CMYK"})
"""Modes that `cykooz-resizer` takes; RGBX as RGB, whose fourth byte has no meaning either."""
REDUCING_GAP: Final = 2.0
"""Pillow averages whole blocks of pixels until twice the wanted size is left, which saves most of its time."""
BLOCKS_KEPT: Final = 1
"""Blocks of 16 MB that Pillow keeps for the next picture, instead of returning them to the system after each one.
Measured: more save no CPU time, and cost up to 30 MB with two workers."""

PLAIN_MODES: Final = {"1": "L", "P": "RGB"}
CLEAR_MODES: Final = {"1": "LA", "L": "LA", "La": "LA", "P": "RGBA", "PA": "RGBA", "RGB": "RGBA", "RGBa": "RGBA"}
"""Modes of pictures with transparency: alpha becomes a channel of its own."""
WHITES: Final = (1.0, 255.0, 65_535.0)
STRIP_PIXELS: Final = 1_000_000

_imaging.set_blocks_max(BLOCKS_KEPT)


@cache
def cykooz_resizer() -> ModuleType | None:
    """The module, or None if it is not installed."""
    try:
        return import_module("cykooz_resizer")
    except ImportError:
        return None


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


def resample(image: Image.Image, size: Size, box: Box) -> Image.Image:
    """Resample a part of a picture by Lanczos (three lobes); colours are averaged by their alpha.

    Args:
        image: loaded pixels of 8 bits per channel, no palette. RGBX is what a decoder left in its own buffer.
        size: width and height wanted [px].
        box: the part of `image` that is the picture [px].

    Returns:
        A picture of exactly `size`, in the same mode; RGB for RGBX. The same input gives the same output, for a given
        release of the library that does it.
    """
    module = cykooz_resizer() if image.mode in VECTORED else None
    if module is not None:
        return _vectored(module, image, size, box)
    small = image.resize(size, LANCZOS, box=box, reducing_gap=REDUCING_GAP)
    return small.convert("RGB") if small.mode == "RGBX" else small


def _vectored(module: ModuleType, image: Image.Image, size: Size, box: Box) -> Image.Image:
    mode = "RGB" if image.mode == "RGBX" else image.mode
    small = Image.new(mode, size)
    left, upper = max(0.0, box[0]), max(0.0, box[1])  # rounding may put these slightly outside, which is refused
    right, lower = min(float(image.width), box[2]), min(float(image.height), box[3])
    options = module.ResizeOptions(
        module.ResizeAlg.convolution(module.FilterType.lanczos3),
        crop_box=module.CropBox(left, upper, right - left, lower - upper),
    )
    kept, image._mode = image.mode, mode  # noqa: SLF001 - the library knows RGBX under this name only
    try:
        module.Resizer().resize_pil(image, small, options)
    finally:
        image._mode = kept  # noqa: SLF001
    return small


def _averageable(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _eight_bits(image)
    modes = CLEAR_MODES if image.has_transparency_data else PLAIN_MODES
    wanted = modes.get(image.mode, image.mode)
    return image if wanted == image.mode else image.convert(wanted)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale deep grey to 8 bits, strip by strip; Pillow's own conversion would clip it.

    Integers are 0 to 65535. Decimals are 0 to 1, 0 to 255 or 0 to 65535: the first range the brightest pixel fits
    in. In both, if a pixel is brighter than 65535, the brightest pixel becomes white.
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
    """A picture of deep grey in strips of mode I or F, each with its first row: only one at a time has four bytes."""
    rows = max(1, STRIP_PIXELS // image.width)
    for upper in range(0, image.height, rows):
        strip = image.crop((0, upper, image.width, min(upper + rows, image.height)))
        yield upper, strip if strip.mode == "F" else strip.convert("I")


def _brightest(strip: Image.Image) -> float:
    return max(float(value) for value in strip.getextrema() if isinstance(value, (int, float)))
