"""Which colour profile a picture has: the embedded one, or one that its file describes in another way."""

from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from PIL import Image

from photopipe.resize.colour.code_points import (
    SRGB,
    CodePoints,
    avif_code_points,
    png_code_points,
    profile_of_code_points,
)
from photopipe.resize.colour.icc_profile import (
    D65,
    SRGB_CURVE,
    Chromaticities,
    Curve,
    gamma_curve,
    grey_profile,
    rgb_profile,
)
from photopipe.resize.metadata.metadata_blocks import exif_of

EXIF_POINTER: Final = 0x8769
INTEROP_POINTER: Final = 0xA005
COLOR_SPACE: Final = 40961
SRGB_SPACE: Final = 1
ADOBE_SPACE: Final = 2
"""Not in the standard, but what some cameras write."""
ADOBE_INTEROP: Final = "R03"
"""Source: DCF 2.0 (CIPA DC-009), 4.2: the mark of the optional colour space, Adobe RGB."""
ADOBE_RGB: Final = Chromaticities(D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
ADOBE_GAMMA: Final = 563 / 256
"""Source: Adobe RGB (1998) Color Image Encoding, 4.3."""
SRGB_GAMMA: Final = 0.45455
GAMMA_TOLERANCE: Final = 0.05
"""A PNG whose gAMA is this near to sRGB's means sRGB. Source: PNG_GAMMA_THRESHOLD_FIXED in libpng."""
LOWEST_GAMMA: Final = 0.1
"""Beyond this, and beyond its inverse, every number would be black or white."""
SRGB_NEAR: Final = 0.002
"""Chromaticities that differ by less are roundings of the same."""
BROKEN_CHUNKS: Final = "not a profile"
"""Stands for a profile that cannot be read; whatever is not bytes does."""


def source_profile(image: Image.Image, file: BinaryIO) -> object:
    """Find out what the numbers of a picture mean.

    An embedded ICC profile counts first, except that a PNG's cICP counts before it; then a PNG's sRGB, gAMA and cHRM
    chunks; then the `nclx` box of HEIC and AVIF; then EXIF, where cameras mark Adobe RGB.

    Args:
        image: a picture whose header has been read.
        file: its file; its position is left as it was.

    Returns:
        An ICC profile; None for sRGB; anything else for one that cannot be read.
    """
    position = file.tell()
    try:
        return _source_profile(image, file)
    finally:
        file.seek(position)


def _source_profile(image: Image.Image, file: BinaryIO) -> object:
    points = png_code_points(file) if image.format == "PNG" else None
    if points:
        return profile_of_code_points(points)
    embedded = image.info.get("icc_profile")
    if embedded:
        return embedded
    if image.format == "PNG" and image.info.keys() & {"srgb", "gamma", "chromaticity"}:
        return _png_profile(image.info, grey=image.mode in ("1", "L", "LA", "I", "I;16"))
    points = _nclx(image, file)
    if points:
        return profile_of_code_points(points)
    return rgb_profile(ADOBE_RGB, gamma_curve(ADOBE_GAMMA)) if _exif_says_adobe(image) else None


def _png_profile(info: Mapping[Any, Any], *, grey: bool) -> object:
    """Source: PNG (W3C, third edition), 4.3 and 13.13: sRGB counts before gAMA and cHRM."""
    if "srgb" in info:
        return None
    lights, curve = info.get("chromaticity"), _png_curve(info.get("gamma", SRGB_GAMMA))
    try:
        if grey:
            return None if curve is SRGB_CURVE else grey_profile(curve)
        named = SRGB if lights is None else _nearly_srgb(Chromaticities(*zip(lights[::2], lights[1::2], strict=True)))
        return None if named is SRGB and curve is SRGB_CURVE else rgb_profile(named, curve)
    except ValueError:
        return BROKEN_CHUNKS


def _png_curve(gamma: float) -> Curve:
    """The curve of a gAMA chunk, which holds the exponent from light to number."""
    if abs(gamma / SRGB_GAMMA - 1) <= GAMMA_TOLERANCE:
        return SRGB_CURVE
    return gamma_curve(1 / min(max(gamma, LOWEST_GAMMA), 1 / LOWEST_GAMMA))


def _nearly_srgb(lights: Chromaticities) -> Chromaticities:
    pairs = zip(sum(lights, ()), sum(SRGB, ()), strict=True)
    return SRGB if all(abs(one - other) < SRGB_NEAR for one, other in pairs) else lights


def _nclx(image: Image.Image, file: BinaryIO) -> CodePoints | None:
    if image.format == "AVIF":
        return avif_code_points(file)
    named = image.info.get("nclx_profile")  # as pillow-heif names what libheif found
    if not isinstance(named, dict):
        return None
    return CodePoints(named.get("color_primaries", 0), named.get("transfer_characteristics", 0))


def _exif_says_adobe(image: Image.Image) -> bool:
    """True if ColorSpace says Adobe RGB, or leaves it open and the interoperability index says it."""
    try:
        exif = exif_of(image)
        space = exif.get_ifd(EXIF_POINTER).get(COLOR_SPACE)
        index = exif.get_ifd(INTEROP_POINTER).get(1)
    except Exception:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and it must not cost the photo
        return False
    return space == ADOBE_SPACE or (space != SRGB_SPACE and str(index).strip("\0 ") == ADOBE_INTEROP)
