"""Conversions to sRGB by littleCMS, built once per profile and shared by all threads."""

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from PIL import Image, ImageCms

MAX_CACHED: Final = 16
"""A card holds photos of few cameras; a conversion by tables takes up to several megabytes."""
LONGEST_PROFILE: Final = 16_000_000
"""More than a JPEG can hold; the largest in use, tables for presses, have a few million bytes."""
FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE
"""Without littleCMS's cache of one pixel a transform has no state and may be shared between threads; photos do not
become slower. Source: littlecms2.blogspot.com, "Multithreading question", 2010-12-17."""
EXACT: Final = ImageCms.Flags.NOOPTIMIZE
"""Without the shortcuts of littleCMS. They are wrong for dark greys (dE2000 of 2.8) and for heavy inks of a real press
profile (3.5); for RGB they are right, and take a twelfth of the time."""
SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""Pillow's mode -> the colour space a profile for it names in its header."""


class ProfileMisfit(Exception):
    """The profile is valid, but for another kind of pixels."""


def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07e800010001000000000000")  # dateTimeNumber: the same bytes on every day
    profile[84:100] = bytes(16)  # profile ID: zero means that it was not calculated
    return bytes(profile)


SRGB_PROFILE: Final = _srgb_profile()
"""A compact sRGB profile, the same on every run. Source: ICC.1:2022, 7.2, for the offsets in its header."""


class Conversion(NamedTuple):
    """How pixels become sRGB.

    Attributes:
        transform: for RGB and CMYK; None if there is nothing to convert.
        table: for grey: level -> level; None if there is nothing to convert.
        fits: whether the profile itself may be embedded with these pixels.
    """

    transform: ImageCms.ImageCmsTransform | None
    table: tuple[int, ...] | None
    fits: bool

    @property
    def changes_nothing(self) -> bool:
        """True if the pixels are sRGB already."""
        return self.transform is None and self.table is None

    def apply(self, image: Image.Image) -> Image.Image:
        """Convert L to L, RGB or CMYK to RGB; the same object if it is sRGB already."""
        if self.table:
            return image.point(self.table)
        return self.transform.apply(image) if self.transform else image


def conversion(profile: bytes, mode: str) -> Conversion:
    """The conversion of pixels with a profile to sRGB, relative colorimetric with black point compensation.

    Args:
        profile: an ICC profile. One for RGB is accepted for grey pixels, which are then its greys.
        mode: `L`, `RGB` or `CMYK`.

    Raises:
        ProfileMisfit: the profile is for another kind of pixels.
        OSError, ValueError, PyCMSError: it is broken.
    """
    key = hashlib.sha256(profile).digest() + mode.encode()  # not the profile: sixteen large ones would stay in memory
    found = _cache.get(key)
    if found is None:
        found = _build(profile, mode)
        _cache.put(key, found)
    return found


class _Cache:
    """The conversions used last, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: OrderedDict[bytes, Conversion] = OrderedDict()

    def get(self, key: bytes) -> Conversion | None:
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def put(self, key: bytes, item: Conversion) -> None:
        with self._lock:
            self._items[key] = item
            self._items.move_to_end(key)
            if len(self._items) > MAX_CACHED:
                self._items.popitem(last=False)


_cache: Final = _Cache()


def _build(profile: bytes, mode: str) -> Conversion:
    if len(profile) > LONGEST_PROFILE:
        raise ValueError("the profile is too long")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space.strip()
    fits = space == SPACES[mode]
    if not fits and (space, mode) != ("RGB", "L"):
        raise ProfileMisfit(space)
    target = ImageCms.ImageCmsProfile(io.BytesIO(SRGB_PROFILE))  # one each: littleCMS keeps state in its profiles
    pixels = "RGB" if space == "RGB" else mode
    flags = FLAGS if mode == "RGB" else FLAGS | EXACT
    transform = ImageCms.buildTransform(source, target, pixels, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, flags)
    if mode == "L":
        return Conversion(None, _grey_table(transform, pixels), fits)
    return Conversion(None if mode == "RGB" and _moves_nothing(transform) else transform, None, fits)


def _grey_table(transform: ImageCms.ImageCmsTransform, pixels: str) -> tuple[int, ...] | None:
    """Grey has 256 colours: converting those once is a tenth of the work of converting a picture."""
    levels = transform.apply(_row([(level,) * 3 for level in range(256)]).convert(pixels)).convert("L")
    table = tuple(levels.tobytes())
    return None if max(abs(new - old) for old, new in enumerate(table)) <= 1 else table


def _moves_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """True if a profile behaves like sRGB, whatever it is called: no colour of a grid moves by more than one level."""
    steps = range(0, 256, 17)
    grid = [(red, green, blue) for red in steps for green in steps for blue in steps]
    before = _row(grid + [(level,) * 3 for level in range(256)])
    after = transform.apply(before)
    return max(abs(new - old) for old, new in zip(before.tobytes(), after.tobytes(), strict=True)) <= 1


def _row(colors: Sequence[tuple[int, ...]]) -> Image.Image:
    return Image.frombytes("RGB", (len(colors), 1), bytes(level for color in colors for level in color))
