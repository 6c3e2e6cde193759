"""The one function that changes how many pixels a picture has, for every format and every purpose.

`cykooz-resizer`, where it is installed, has the same kernel as Pillow and works in vector units: a fifth to a tenth of
the time. Pillow does it where there is no wheel of it (musl, Linux on ARM) and for modes it does not have.
"""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from PIL import Image, _imaging

from photopipe.resize.pixels.fit import Box, Size

LANCZOS: Final = Image.Resampling.LANCZOS
VECTORED: Final = frozenset({"L", "RGB", "RGBX", "RGBA", "CMYK"})
"""Modes that `cykooz-resizer` takes; RGBX as RGB, whose fourth byte means nothing either."""
REDUCING_GAP: Final = 2.0
"""Pillow averages whole blocks of pixels until twice the wanted size is left, which saves most of its time."""
BLOCKS_KEPT: Final = 1
"""Blocks of 16 MB that Pillow keeps for the next picture, instead of having the system clear them again for each one.
Measured: more save no CPU time, and cost up to 30 MB with two workers."""

_imaging.set_blocks_max(BLOCKS_KEPT)


@cache
def cykooz_resizer() -> ModuleType | None:
    """The module, or None if it is not installed."""
    try:
        return import_module("cykooz_resizer")
    except ImportError:
        return None


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
    left, upper = max(0.0, box[0]), max(0.0, box[1])  # computed in floating point, and refused if a hair outside
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
