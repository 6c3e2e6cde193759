"""Open a picture file, check what its header claims, and load the pixels strictly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin

from photopipe.errors import PhotoUnreadable
from photopipe.files.kinds import HEAD_BYTES, kind_of, shown_beginning
from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.input.avif_crop import avif_crop
from photopipe.resize.input.header_check import check_before_opening, check_opened, check_size
from photopipe.resize.input.losses import losses
from photopipe.resize.input.openers import OPENERS
from photopipe.resize.jpeg.decode_jpeg import load_jpeg
from photopipe.resize.metadata.metadata import orientation_of
from photopipe.resize.pixels.fit import Box, Placement, Size, place
from photopipe.resize.raw.raw import RawImageFile, open_raw
from photopipe.resize.raw.raw_tiff import is_raw
from photopipe.settings import ResizeSettings

KINDS: Final = "Only JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP, JPEG 2000, JPEG XL and camera RAW are read."
NOT_READ: Final = ("unknown pixel mode", "unknown data organization", "unsupported")
"""How Pillow says that a file may be sound, but is of a kind it does not decode."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture whose header has been read and checked; no pixel is decoded yet.

    Attributes:
        image: lazy; its file must stay open.
        size: width and height the file claims [px].
        window: the part of it that is to be seen (left, upper, right, lower) [px].
        format: Pillow's name of the format, or RAW; JPEG for the first picture of an MPO.
        warnings: what is not kept.
    """

    image: Image.Image
    size: tuple[int, int]
    window: Box
    format: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture with its pixels loaded.

    Attributes:
        image: the pixels, not yet upright; a JPEG or RAW may already be smaller than it claims.
        crop: the part of `image` that is wanted (left, upper, right, lower) [px, fractions too].
        placement: what becomes of that part.
        size: width and height that the placement is for [px].
        orientation: EXIF orientation of what was decoded, 1 to 8.
    """

    image: Image.Image
    crop: Box
    placement: Placement
    size: Size
    orientation: int

    def shown_by(self, settings: ResizeSettings) -> "Decoded":
        """The same pixels, placed by other settings that do not need more of them."""
        placement = place(self.size, self.orientation, settings)
        (left, upper, right, lower), (left_px, upper_px, right_px, lower_px) = self.placement.crop, self.crop
        across, down = (right_px - left_px) / (right - left), (lower_px - upper_px) / (lower - upper)
        moved = _moved(_scaled(placement.crop, across, down), left_px - left * across, upper_px - upper * down)
        return replace(self, crop=moved, placement=placement)


def open_picture(file: BinaryIO, settings: ResizeSettings) -> Opened:
    """Read the header of a picture file; its first bytes alone decide which decoder that is.

    Args:
        file: a file at its beginning; it must stay open until pixels and metadata are read.
        settings: the limit of pixels, and what is done with RAW files.

    Raises:
        PhotoUnreadable: the file is no picture of a known kind, or its header is damaged.
        PhotoTooLarge: the header claims more pixels than `settings.max_pixels`; none has been allocated.
        DecoderMissing: its kind needs a library that is not installed.
        Exception: whatever Pillow and its plugins raise on damaged files, see `refusal.py`.
    """
    kind = kind_of_file(file)
    extra = check_before_opening(kind, file, settings.max_pixels)
    image = _open(kind, file, settings)
    check_size(image.size, settings.max_pixels)
    check_opened(image, extra, file)
    if extra.profile:
        image.info.setdefault("icc_profile", extra.profile)
    window = (avif_crop(file, image.size) if kind == "AVIF" else None) or (0, 0, *image.size)
    return Opened(image, image.size, window, kind, losses(image, kind, file))


def most_demanding(opened: Opened, wanted: Sequence[ResizeSettings]) -> ResizeSettings:
    """The settings that need the most of a picture's pixels; a decode for them serves the others, too."""

    def scale(settings: ResizeSettings) -> float:
        placement = place(opened.size, orientation_of(opened.image), settings)
        return placement.size[0] / (placement.crop[2] - placement.crop[0])

    return max(wanted, key=scale)


def load_pixels(opened: Opened, settings: ResizeSettings) -> Decoded:
    """Decode the pixels; bytes that are missing are never filled in.

    Args:
        opened: as `open_picture` gave it.
        settings: what will be shown of it; a JPEG or RAW is decoded no larger than that needs.

    Raises:
        Exception: whatever Pillow and its plugins raise on damaged files, see `refusal.py`.
    """
    image = opened.image
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        placement = place(opened.size, orientation_of(image), settings)
        loaded, scale = load_jpeg(image, placement)
        return Decoded(loaded, _scaled(placement.crop, scale, scale), placement, opened.size, orientation_of(image))
    if isinstance(image, RawImageFile):
        return _developed(image, settings)
    image.load()  # a TIFF or HEIC may have been turned, or turn out to have another size than its header says
    check_size(image.size, settings.max_pixels)
    window = opened.window if image.size == opened.size else (0, 0, *image.size)
    size, orientation = (round(window[2] - window[0]), round(window[3] - window[1])), orientation_of(image)
    placement = place(size, orientation, settings)
    return Decoded(image, _moved(placement.crop, window[0], window[1]), placement, size, orientation)


def _developed(image: RawImageFile, settings: ResizeSettings) -> Decoded:
    full = image.size
    placement = place(full, orientation_of(image), settings)
    shown = placement.crop[2] - placement.crop[0]
    scale = placement.size[0] / shown
    image.draft(image.mode, (round(full[0] * scale), round(full[1] * scale)))
    image.load()
    crop = _scaled(placement.crop, image.width / full[0], image.height / full[1])
    return Decoded(image, crop, placement, full, orientation_of(image))


def _moved(crop: Box, right_px: float, down_px: float) -> Box:
    left, upper, right, lower = crop
    return (left + right_px, upper + down_px, right + right_px, lower + down_px)


def _scaled(crop: Box, across: float, down: float) -> Box:
    left, upper, right, lower = crop
    return (left * across, upper * down, right * across, lower * down)


def kind_of_file(file: BinaryIO) -> str:
    """Tell a file's kind by its content, as `kind_of` does; a RAW built on TIFF is RAW.

    Args:
        file: its position is moved.

    Raises:
        PhotoUnreadable: it is no picture of a known kind.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    if kind is None:
        why = "the file is empty. Copy it again from the camera."
        if head:
            why = f"it is not a picture this can read (it begins with {shown_beginning(head)}). {KINDS}"
        raise PhotoUnreadable(f"cannot be resized: {why}") from ValueError("first bytes")
    return "RAW" if kind.name == "TIFF" and is_raw(file) else kind.name


def _open(kind: str, file: BinaryIO, settings: ResizeSettings) -> Image.Image:
    file.seek(0)
    if kind == "RAW":
        return open_raw(file, settings)
    try:
        return OPENERS[kind](file)
    except SyntaxError as error:  # how Pillow's plugins say that a file is none of theirs
        reason = plain_reason(error)
        if any(words in reason for words in NOT_READ):
            why = f"this kind of {kind} is not read ({reason}). Save it as 8- or 16-bit RGB."
        else:
            why = f"the file ends early, or its header is damaged ({reason}). Copy it again from the camera."
        raise PhotoUnreadable(f"cannot be resized: {why}") from error
