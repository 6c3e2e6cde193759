"""Hold what a header claims against the limits, before a decoder allocates or works for it."""

import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image

from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.input.header_size import claimed_size
from photopipe.resize.input.jpeg2000 import check_jpeg2000
from photopipe.resize.raw.raw_tiff import tile_pixels

MOST_SCANS: Final = 200
"""Encoders write up to 20 scans. Each costs a pass over the whole picture, which a file of a few bytes can ask for."""
START_OF_SCAN: Final = b"\xff\xda"
END_OF_IMAGE: Final = b"\xff\xd9"
MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
"""A marker with a segment, or the end; between them stand picture data. Source: ITU-T T.81, B.1.1.2 to B.1.1.5."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a header says that Pillow does not look at.

    Attributes:
        size: width and height of what is decoded [px], or None if Pillow's word will do.
        profile: an ICC profile, or None.
    """

    size: tuple[int, int] | None = None
    profile: bytes | None = None


def check_before_opening(kind: str, file: BinaryIO, max_pixels: int) -> Claims:
    """Check the headers of those kinds whose decoders allocate by headers that Pillow does not look at.

    Args:
        kind: as `kind_of` gave it.
        file: its position is moved.
        max_pixels: limit.

    Raises:
        PhotoUnreadable: the header is damaged.
        PhotoTooLarge: it claims too much.
    """
    if kind == "JPEG2000":
        stream = check_jpeg2000(file)
        check_size(stream.size, max_pixels)
        return Claims(stream.size, stream.profile)
    if kind == "TIFF":
        check_size(tile_pixels(file), max_pixels)
    size = claimed_size(kind, file)
    if size:
        check_size(size, max_pixels)
    return Claims()


def check_size(size: tuple[int, int], max_pixels: int) -> None:
    """Hold a size against the limit.

    Raises:
        PhotoTooLarge: it has more pixels.
    """
    width_px, height_px = size
    if width_px * height_px > max_pixels:
        raise PhotoTooLarge(
            f"cannot be resized: it claims {width_px} x {height_px} pixels, and the limit is {max_pixels} in all. "
            "Raise the limit if you trust the file."
        )


def check_opened(image: Image.Image, claims: Claims, file: BinaryIO) -> None:
    """Check what is known only after opening.

    Raises:
        PhotoUnreadable: the file's headers contradict each other, or it asks for endless work.
    """
    if claims.size and image.size != claims.size:
        raise PhotoUnreadable(
            f"cannot be resized: one header claims {image.width} x {image.height} pixels, another {claims.size[0]} x "
            f"{claims.size[1]}. Copy it again from the camera."
        )
    if image.info.get("progressive") and _scans(file) > MOST_SCANS:
        raise PhotoUnreadable(
            f"cannot be resized: it has more than {MOST_SCANS} scans, to keep a decoder busy. No camera writes that."
        )


def _scans(file: BinaryIO) -> int:
    """Count the scans of a progressive JPEG up to its end; what stands behind that, a video perhaps, is no picture.

    Segments are passed over by the length they claim, as libjpeg does: a comment may hold any bytes.
    """
    position, count, at = file.tell(), 0, 0
    file.seek(0)
    data = file.read()
    file.seek(position)
    while count <= MOST_SCANS and (marker := MARKER.search(data, at)) and marker[0] != END_OF_IMAGE:
        count += marker[0] == START_OF_SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return count
