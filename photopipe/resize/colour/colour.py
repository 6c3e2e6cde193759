"""Bring a picture to sRGB, or keep its colours and its profile."""

from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageCms

from photopipe.resize.colour.transform import SPACES, SRGB_PROFILE, Conversion, ProfileMisfit, conversion
from photopipe.settings import ColorPolicy

BROKEN: Final = "the colour profile could not be read"
AS_SRGB: Final = "treated as sRGB"
GUESSED: Final = "its colours are a guess"
PROFILED: Final = {"L": "L", "RGB": "RGB", "CMYK": "CMYK", "YCbCr": "RGB"}
"""Modes whose numbers mean a colour only together with a profile -> the mode the profile is for: YCbCr is another
spelling of RGB, and what a JPEG stores, so where no colour changes it stays."""
NO_CMYK_PROFILE: Final = f"CMYK without a colour profile; {GUESSED}"


@dataclass(frozen=True, slots=True)
class Colour:
    """A picture ready to be encoded.

    Attributes:
        image: mode RGB, L, RGBA or LA; YCbCr if the picture came so and no colour changed.
        icc: the profile that goes with it. Grey in sRGB has none, because a profile for RGB does not describe it and
            viewers take plain grey as sRGB.
        warnings: what was guessed.
        is_srgb: whether the numbers are sRGB's.
    """

    image: Image.Image
    icc: bytes | None
    warnings: tuple[str, ...] = ()
    is_srgb: bool = True


def convert_colour(image: Image.Image, profile: object, policy: ColorPolicy, *, grey_out: bool = True) -> Colour:
    """Convert the colours by the picture's profile, or keep them; alpha stays as it is.

    Args:
        image: 8 bits per channel, any colour space, with or without alpha.
        profile: the picture's ICC profile; None if there is none, anything but bytes counts as a broken one.
        policy: `srgb` converts, `keep` carries the profile along. CMYK, Lab, and profiles that
            cannot be carried along are converted in any case.
        grey_out: whether the format to be written stores grey as grey; if not, grey cannot keep its profile.

    Returns:
        The picture, without alpha if all of it is opaque.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    solid = image.convert(image.mode.removesuffix("A")) if alpha else image
    colour = _convert(solid, profile, policy if grey_out or solid.mode != "L" else "srgb")
    if alpha is None or alpha.getextrema() == (255, 255):
        return colour
    clear = colour.image.copy() if colour.image is solid and solid is image else colour.image
    clear.putalpha(alpha)
    return replace(colour, image=clear)


def is_srgb(profile: object) -> bool:
    """True if pixels with this profile, or without one, need no conversion.

    Args:
        profile: as for `convert_colour`, of a picture of RGB or YCbCr.
    """
    try:
        return not profile or _conversion(profile, "RGB").changes_nothing
    except (OSError, ValueError, TypeError, ProfileMisfit, ImageCms.PyCMSError):
        return True  # treated as sRGB


def _convert(image: Image.Image, profile: object, policy: ColorPolicy) -> Colour:
    if image.mode not in PROFILED:  # Lab speaks for itself
        return _as_srgb(image.convert("RGB"))
    return _by_profile(image, profile, policy) if profile else _without_profile(image, policy)


def _by_profile(image: Image.Image, profile: object, policy: ColorPolicy) -> Colour:
    mode = PROFILED[image.mode]
    try:
        found = _conversion(profile, mode)
    except ProfileMisfit as misfit:
        return _guessed(image, f"the colour profile is for {misfit}, not for {SPACES[mode]}")
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return _guessed(image, BROKEN)
    if policy == "keep" and found.fits and mode != "CMYK" and isinstance(profile, bytes):
        return Colour(image, profile, is_srgb=found.changes_nothing)
    if found.changes_nothing:
        return _as_srgb(image)
    return _as_srgb(found.apply(image if image.mode == mode else image.convert(mode)))


def _conversion(profile: object, mode: str) -> Conversion:
    if not isinstance(profile, bytes):
        raise TypeError("a colour profile is bytes")
    return conversion(profile, mode)


def _as_srgb(image: Image.Image, *warnings: str) -> Colour:
    return Colour(image, None if image.mode == "L" else SRGB_PROFILE, warnings)


def _without_profile(image: Image.Image, policy: ColorPolicy) -> Colour:
    if image.mode == "CMYK":
        return _as_srgb(image.convert("RGB"), NO_CMYK_PROFILE)
    return Colour(image, None) if policy == "keep" else _as_srgb(image)


def _guessed(image: Image.Image, why: str) -> Colour:
    if image.mode == "CMYK":
        return _as_srgb(image.convert("RGB"), f"{why}; {GUESSED}")
    return _as_srgb(image, f"{why}; {AS_SRGB}")
