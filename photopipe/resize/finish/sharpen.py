"""Sharpen a picture that was made smaller slightly, for the screen."""

from dataclasses import replace
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from photopipe.resize.colour.colour import Colour

MASK: Final = ImageFilter.UnsharpMask(radius=0.7, percent=60, threshold=2)
"""A radius of the finest detail a screen shows; weak enough for faces, and without effect on mere noise."""
ZERO: Final = 128


def sharpen(colour: Colour) -> Colour:
    """Sharpen the lightness of a picture; colours stay, so that edges get no coloured fringes.

    Args:
        colour: a picture at its final size. One with alpha is left as it is: hidden colours would bleed in at the
            edges.
    """
    image = colour.image
    if image.mode == "L":
        return replace(colour, image=image.filter(MASK))
    if image.mode == "YCbCr":
        luma, *chroma = image.split()
        return replace(colour, image=Image.merge("YCbCr", (luma.filter(MASK), *chroma)))
    return replace(colour, image=_sharper_rgb(image)) if image.mode == "RGB" else colour


def _sharper_rgb(image: Image.Image) -> Image.Image:
    """Add to all three channels what the mask adds to luma, which leaves flat parts exactly as they are."""
    luma = image.convert("L")
    added = ImageChops.subtract(luma.filter(MASK), luma, offset=ZERO)
    return ImageChops.add(image, Image.merge("RGB", (added,) * 3), offset=-ZERO)
