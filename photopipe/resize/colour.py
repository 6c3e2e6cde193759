"""Bring a picture to sRGB or plain grey, on white, without alpha."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms

NEED_PROFILE: Final = ("L", "RGB", "CMYK")
"""Modes whose numbers mean a colour only together with a profile; Lab and YCbCr speak for themselves."""
PROFILE_LOST: Final = "the colour profile could not be read; treated as sRGB"


@dataclass(frozen=True, slots=True)
class Colour:
    """A picture ready to be encoded.

    Attributes:
        image: mode RGB in sRGB, or L.
        warnings: what was guessed.
    """

    image: Image.Image
    warnings: tuple[str, ...]


def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07e800010001000000000000")  # dateTimeNumber: the same bytes on every day
    profile[84:100] = bytes(16)  # profile ID: zero means that it was not calculated
    return bytes(profile)


SRGB_PROFILE: Final = _srgb_profile()
"""A compact sRGB profile, the same on every run. Source: ICC.1:2022, 7.2, for the offsets in its header."""


def to_srgb(image: Image.Image, profile: object) -> Colour:
    """Convert the colours by the embedded profile, then lay the picture on white.

    Args:
        image: 8 bits per channel, any colour space, with or without alpha.
        profile: the embedded ICC profile; None if there is none, anything else counts as a broken one.

    Returns:
        RGB pixels in sRGB; L if the source is grey.
    """
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    solid = image.convert(image.mode.removesuffix("A")) if alpha else image
    colour = _convert(solid, profile)
    return Colour(_on_white(colour.image, alpha), colour.warnings) if alpha else colour


def _on_white(image: Image.Image, alpha: Image.Image) -> Image.Image:
    white = Image.new(image.mode, image.size, "white")
    white.paste(image, mask=alpha)
    return white


def _convert(image: Image.Image, profile: object) -> Colour:
    if not profile or image.mode not in NEED_PROFILE:
        return Colour(_without_profile(image), ())
    try:
        return Colour(_by_profile(image, profile), ())
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return Colour(_without_profile(image), (PROFILE_LOST,))


def _without_profile(image: Image.Image) -> Image.Image:
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _by_profile(image: Image.Image, profile: object) -> Image.Image:
    if not isinstance(profile, bytes):
        raise TypeError("a colour profile is bytes")
    transform = ImageCms.buildTransform(  # raises if the profile is for another mode
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(io.BytesIO(SRGB_PROFILE)),  # one each: littleCMS keeps state in its profiles
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = transform.apply(image)
    return converted.convert("L") if image.mode == "L" else converted
