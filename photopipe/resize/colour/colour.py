"""START HERE for colours: what the numbers of a picture mean, and their conversion to sRGB."""

from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image, ImageCms

from photopipe.resize.colour.code_points import CodePoints, avif_code_points, png_code_points, profile_of_code_points
from photopipe.resize.colour.icc_profile import D65, Chromaticities, gamma_curve, rgb_profile
from photopipe.resize.colour.png_profile import png_profile
from photopipe.resize.colour.transform import SPACES, SRGB_PROFILE, Conversion, ProfileMisfit, conversion
from photopipe.settings import ColorPolicy

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
BROKEN: Final = "the colour profile could not be read"
AS_SRGB: Final = "treated as sRGB"
GUESSED: Final = "its colours are a guess"
PROFILED: Final = {"L": "L", "RGB": "RGB", "CMYK": "CMYK", "YCbCr": "RGB"}
"""Modes whose numbers depend on a profile -> the mode the profile is for. YCbCr, which a JPEG stores, is another
encoding of RGB, and is kept where no colour changes."""
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


def source_profile(image: Image.Image, exif: Image.Exif, file: BinaryIO) -> object:
    """Find out what the numbers of a picture mean.

    An embedded ICC profile counts first, except that a PNG's cICP counts before it; then a PNG's sRGB, gAMA and cHRM
    chunks; then the `nclx` box of HEIC and AVIF; then EXIF, where cameras mark Adobe RGB.

    Args:
        image: a picture whose header has been read.
        exif: what its EXIF says.
        file: its file; its position is left as it was.

    Returns:
        An ICC profile; None for sRGB; anything else for one that cannot be read.
    """
    position = file.tell()
    try:
        return _source_profile(image, exif, file)
    finally:
        file.seek(position)


def _source_profile(image: Image.Image, exif: Image.Exif, file: BinaryIO) -> object:
    points = png_code_points(file) if image.format == "PNG" else None
    if points:
        return profile_of_code_points(points)
    embedded = image.info.get("icc_profile")
    if embedded:
        return embedded
    if image.format == "PNG" and image.info.keys() & {"srgb", "gamma", "chromaticity"}:
        return png_profile(image.info, grey=image.mode in ("1", "L", "LA", "I", "I;16"))
    points = _nclx(image, file)
    if points:
        return profile_of_code_points(points)
    return rgb_profile(ADOBE_RGB, gamma_curve(ADOBE_GAMMA)) if _says_adobe(exif) else None


def _nclx(image: Image.Image, file: BinaryIO) -> CodePoints | None:
    if image.format == "AVIF":
        return avif_code_points(file)
    named = image.info.get("nclx_profile")  # as pillow-heif names what libheif found
    if not isinstance(named, dict):
        return None
    return CodePoints(named.get("color_primaries", 0), named.get("transfer_characteristics", 0))


def _says_adobe(exif: Image.Exif) -> bool:
    """True if ColorSpace is Adobe RGB, or is not sRGB and the interoperability index is that of Adobe RGB."""
    try:
        space = exif.get_ifd(EXIF_POINTER).get(COLOR_SPACE)
        index = exif.get_ifd(INTEROP_POINTER).get(1)
    except Exception:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and it must not fail the photo
        return False
    return space == ADOBE_SPACE or (space != SRGB_SPACE and str(index).strip("\0 ") == ADOBE_INTEROP)


def convert_colour(image: Image.Image, profile: object, policy: ColorPolicy, *, grey_out: bool = True) -> Colour:
    """Convert the colours by the picture's profile, or keep them; alpha stays as it is.

    Args:
        image: 8 bits per channel, any colour space, with or without alpha.
        profile: the picture's ICC profile; None if there is none, anything but bytes counts as a broken profile.
        policy: `srgb` converts, `keep` embeds the profile. CMYK, Lab, and pictures whose profile cannot be
            embedded are converted in any case.
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


def _convert(image: Image.Image, profile: object, policy: ColorPolicy) -> Colour:
    if image.mode not in PROFILED:  # Lab needs no profile
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
