"""START HERE for files in: open a picture file, check what its header claims, and load the pixels strictly."""

import os
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin

from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.files.kinds import HEAD_BYTES, kind_of, shown_beginning
from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.input.avif_crop import avif_crop
from photopipe.resize.input.header_claims import CLAIMING, Claims, header_claims
from photopipe.resize.input.losses import losses
from photopipe.resize.input.openers import OPENERS
from photopipe.resize.jpeg.decode_jpeg import check_scans, jpeg_decoding_bytes, load_jpeg
from photopipe.resize.metadata.source_metadata import SourceMetadata, read_source_metadata
from photopipe.resize.pixels.fit import Box, Placement, Size
from photopipe.resize.raw.raw import RawImageFile, open_raw
from photopipe.resize.raw.raw_tiff import is_raw
from photopipe.settings import ResizeSettings

KINDS: Final = "Only JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP, JPEG 2000, JPEG XL and camera RAW are read."
NOT_READ: Final = ("unknown pixel mode", "unknown data organization", "unsupported")
"""How Pillow says that a file is of a variety it does not decode."""
SAMPLE_BYTES: Final = {"1": 1, "L": 1, "P": 1, "LA": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""What Pillow stores per pixel, by mode; 4 for all others."""
COPIES: Final = 2
"""The pixels, and what a decoder or a conversion holds besides."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture whose header has been read and checked; no pixel is decoded yet.

    Attributes:
        image: lazy; its file must stay open.
        size: width and height the file claims [px].
        window: the part of it that is to be shown (left, upper, right, lower) [px].
        shown: width and height of that part [px].
        format: Pillow's name of the format, or RAW; JPEG for the first picture of an MPO.
        metadata: what the file says besides the pixels, as far as it comes before them.
        warnings: what will be lost.
    """

    image: Image.Image
    size: Size
    window: Box
    shown: Size
    format: str
    metadata: SourceMetadata
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture with its pixels loaded.

    Attributes:
        image: the pixels, not yet upright; a JPEG or RAW may already be smaller than it claims.
        window: the part of `image` that is to be shown (left, upper, right, lower) [px, fractions too].
        shown: width and height of that part as the file claims them, which placements are for [px].
        metadata: all that the file says besides the pixels.
    """

    image: Image.Image
    window: Box
    shown: Size
    metadata: SourceMetadata


def open_picture(file: BinaryIO, settings: ResizeSettings) -> Opened:
    """Read the header of a picture file, by the decoder that its first bytes call for.

    Args:
        file: its position is moved; it must stay open until the pixels are loaded.
        settings: the limit of pixels, and what is done with RAW files.

    Raises:
        PhotoUnreadable: the file is not a picture of a known kind, or its header is damaged.
        PhotoTooLarge: the header claims more pixels than `settings.max_pixels`; none has been allocated.
        DecoderMissing: its kind needs a library that is not installed.
        Exception: whatever Pillow and its plugins raise on damaged files, see `decode_errors.py`.
    """
    kind = kind_of_file(file)
    claims = header_claims(kind, file) if kind in CLAIMING else Claims()
    for size in claims.sizes:
        _check_size(size, settings.max_pixels)
    image = _open(kind, file, settings)
    _check_size(image.size, settings.max_pixels)
    _check_consistency(image.size, claims)
    if isinstance(image, JpegImagePlugin.JpegImageFile) and image.info.get("progressive"):
        check_scans(file)
    if claims.profile:
        image.info.setdefault("icc_profile", claims.profile)
    window = (avif_crop(file, image.size) if kind == "AVIF" else None) or (0, 0, *image.size)
    metadata = read_source_metadata(image)
    return Opened(image, image.size, window, _size_of(window), kind, metadata, losses(image, kind, file))


def decoding_bytes(opened: Opened, placement: Placement, file: BinaryIO) -> int:
    """Estimate the memory that decoding and shrinking take.

    Args:
        opened: nothing of it is decoded.
        placement: what will be shown of it; a JPEG is decoded no larger than that needs.
        file: its file; its position is moved.

    Returns:
        Bytes, rather too many than too few.
    """
    if isinstance(opened.image, JpegImagePlugin.JpegImageFile):
        return jpeg_decoding_bytes(opened.image, placement, file.seek(0, os.SEEK_END))
    return COPIES * opened.size[0] * opened.size[1] * SAMPLE_BYTES.get(opened.image.mode, 4)


def load_pixels(opened: Opened, placement: Placement, max_pixels: int) -> Decoded:
    """Decode the pixels; bytes that are missing are never filled in.

    Args:
        opened: as `open_picture` gave it.
        placement: what will be shown of it, for `opened.shown`; a JPEG or RAW is decoded no larger than that needs.
        max_pixels: limit.

    Returns:
        The pixels; they may turn out to have another size or orientation than the header says.

    Raises:
        Exception: whatever Pillow and its plugins raise on damaged files, see `decode_errors.py`.
    """
    image, (width_px, height_px), metadata = opened.image, opened.size, opened.metadata
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        loaded, scale = load_jpeg(image, placement)
        return Decoded(loaded, (0, 0, width_px * scale, height_px * scale), opened.size, metadata)
    if isinstance(image, RawImageFile):
        image.draft(image.mode, (round(width_px * placement.scale), round(height_px * placement.scale)))
        image.load()
        return Decoded(image, (0, 0, *image.size), opened.size, metadata)
    image.load()
    _check_size(image.size, max_pixels)
    if image.format == "PNG":  # some of whose metadata may come after the pixels
        metadata = read_source_metadata(image)
    window = opened.window if image.size == opened.size else (0, 0, *image.size)
    return Decoded(image, window, _size_of(window), metadata)


def _size_of(window: Box) -> Size:
    left, upper, right, lower = window
    return round(right - left), round(lower - upper)


def kind_of_file(file: BinaryIO) -> str:
    """Tell a file's kind by its content, as `kind_of` does; a RAW built on TIFF is RAW.

    Args:
        file: its position is moved.

    Raises:
        PhotoUnreadable: it is not a picture of a known kind.
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
    except SyntaxError as error:  # how Pillow's plugins refuse a file
        reason = plain_reason(error)
        if any(words in reason for words in NOT_READ):
            why = f"this kind of {kind} is not read ({reason}). Save it as 8- or 16-bit RGB."
        else:
            why = f"the file ends early, or its header is damaged ({reason}). Copy it again from the camera."
        raise PhotoUnreadable(f"cannot be resized: {why}", depends_on=("decoders",)) from error


def _check_size(size: Size, max_pixels: int) -> None:
    width_px, height_px = size
    if width_px * height_px > max_pixels:
        raise PhotoTooLarge(
            f"cannot be resized: it claims {width_px} x {height_px} pixels, and the limit is {max_pixels} in all. "
            "Raise the limit if you trust the file.",
            depends_on=("max_pixels",),
        )


def _check_consistency(size: Size, claims: Claims) -> None:
    if claims.decoded_size and size != claims.decoded_size:
        raise PhotoUnreadable(
            f"cannot be resized: one header claims {size[0]} x {size[1]} pixels, another {claims.decoded_size[0]} x "
            f"{claims.decoded_size[1]}. Copy it again from the camera."
        )
