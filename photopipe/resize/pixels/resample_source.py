"""What a rendition is shrunk from: the decoded picture, or a larger rendition that has been shrunk already."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Final

from PIL import Image

from photopipe.resize.pixels.fit import Box, Placement

LEAST_STEP: Final = 1.58
"""How much larger the larger one is at least: 1.6, less what rounding takes.

Measured on 42 JPEGs and 16 TIFFs of 6 to 26 MP, from 2048 px down to 1280, 800, 500 and 312 or to 1024, 480 and 200,
each from the one before: none is more than 0.35 dB worse after JPEG at quality 85 than from a full decode."""
SLACK: Final = 1e-6
"""Crops are computed in floating point."""


@dataclass(frozen=True, slots=True)
class ResampleSource:
    """Pixels that a rendition can be made of.

    Attributes:
        image: the pixels, not yet coloured or turned.
        crop: the part of `image` that is wanted (left, upper, right, lower) [px, fractions too].
    """

    image: Image.Image
    crop: Box


def resample_source(
    decoded: ResampleSource, wanted: Placement, made: Iterable[tuple[Placement, Image.Image]]
) -> ResampleSource:
    """Choose the fewest pixels a rendition can be made from without a visible difference.

    Args:
        decoded: the decoded picture.
        wanted: the rendition's placement.
        made: the renditions that have been shrunk, not yet coloured or turned, each with its placement.

    Returns:
        The smallest of `made` that is large enough and shows all that the rendition shows; `decoded` itself if there
        is none, or if that is less work.
    """
    decoded_pixels = prod(decoded.image.size)
    larger = [one for one in made if _serves(one[0], wanted) and prod(one[0].size) <= decoded_pixels]
    if not larger:
        return decoded
    placement, image = min(larger, key=lambda one: one[0].size)
    return ResampleSource(image, _seen_through(placement, wanted.crop))


def _serves(larger: Placement, wanted: Placement) -> bool:
    left, upper, right, lower = wanted.crop
    covers = (
        larger.crop[0] <= left + SLACK
        and larger.crop[1] <= upper + SLACK
        and larger.crop[2] >= right - SLACK
        and larger.crop[3] >= lower - SLACK
    )
    return covers and LEAST_STEP * wanted.scale <= larger.scale <= 1  # an enlarged one has nothing to add


def _seen_through(larger: Placement, crop: Box) -> Box:
    """A part of the source, in the pixels of a rendition that shows it."""
    left, upper, right, lower = larger.crop
    width_px, height_px = larger.size
    across, down = width_px / (right - left), height_px / (lower - upper)
    return (
        max(0.0, (crop[0] - left) * across),
        max(0.0, (crop[1] - upper) * down),
        min(float(width_px), (crop[2] - left) * across),
        min(float(height_px), (crop[3] - upper) * down),
    )
