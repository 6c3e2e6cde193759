"""The colour profile that a PNG describes by its sRGB, gAMA and cHRM chunks."""

from collections.abc import Mapping
from typing import Any, Final

from photopipe.resize.colour.code_points import SRGB
from photopipe.resize.colour.icc_profile import (
    SRGB_CURVE,
    Chromaticities,
    Curve,
    gamma_curve,
    grey_profile,
    rgb_profile,
)

SRGB_GAMMA: Final = 0.45455
GAMMA_TOLERANCE: Final = 0.05
"""A PNG whose gAMA is this close to sRGB's counts as sRGB. Source: PNG_GAMMA_THRESHOLD_FIXED in libpng."""
LOWEST_GAMMA: Final = 0.1
"""Beyond this, and beyond its inverse, every number would be black or white."""
SRGB_NEAR: Final = 0.002
"""Chromaticities that differ by less are roundings of the same."""
BROKEN_CHUNKS: Final = "not a profile"
"""Stands for a profile that cannot be read, as anything does that is not bytes."""


def png_profile(info: Mapping[Any, Any], *, grey: bool) -> object:
    """Make a profile of what the chunks say; sRGB counts before gAMA and cHRM.

    Args:
        info: what Pillow read.
        grey: whether the picture is grey, for which primaries do not matter.

    Returns:
        An ICC profile; None for sRGB; anything else for chunks with impossible values.

    Source:
        PNG (W3C, third edition), 4.3 and 13.13.
    """
    if "srgb" in info:
        return None
    primaries, curve = info.get("chromaticity"), _png_curve(info.get("gamma", SRGB_GAMMA))
    try:
        if grey:
            return None if curve is SRGB_CURVE else grey_profile(curve)
        pairs = SRGB if primaries is None else zip(primaries[::2], primaries[1::2], strict=True)
        named = _nearly_srgb(Chromaticities(*pairs))
        return None if named is SRGB and curve is SRGB_CURVE else rgb_profile(named, curve)
    except ValueError:
        return BROKEN_CHUNKS


def _png_curve(gamma: float) -> Curve:
    """The curve of a gAMA chunk, which holds the exponent from light to number."""
    if abs(gamma / SRGB_GAMMA - 1) <= GAMMA_TOLERANCE:
        return SRGB_CURVE
    return gamma_curve(1 / min(max(gamma, LOWEST_GAMMA), 1 / LOWEST_GAMMA))


def _nearly_srgb(primaries: Chromaticities) -> Chromaticities:
    pairs = zip(sum(primaries, ()), sum(SRGB, ()), strict=True)
    return SRGB if all(abs(one - other) < SRGB_NEAR for one, other in pairs) else primaries
