"""One function per format: a picture and a quality go in, a file's bytes come out."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, Any, Final

from PIL import Image, PngImagePlugin

from photopipe.resize.output.output_format import FormatName

FULL_CHROMA_FROM: Final = 90
"""At and above this quality colours are stored at full resolution: it costs a quarter more bytes, and who asks for
so much wants red edges sharp."""
WEBP_METHOD: Final = 2
"""Measured at the same SSIM: 4, the usual one, takes 2.4 times the CPU time for 9 % fewer bytes; 1 needs 11 % more
bytes than 2 for three quarters of its time."""
AVIF_SPEED: Final = 7
"""Measured at the same SSIM: 6 takes 1.9 times the CPU time for 8 % fewer bytes; 9 an eighth of it, for 30 % more
bytes, which is no smaller than WebP."""
AVIF_QUALITIES: Final = ((1, 15), (30, 38), (50, 45), (70, 51), (85, 63), (95, 87))
"""libjpeg's quality -> libavif's at `AVIF_SPEED` with the same SSIM of luma, measured on photographs of 1 MP."""
PNG_LEVEL: Final = 4
"""Measured on photographs: 6, zlib's own choice, takes 2.3 times the CPU time for 3 % fewer bytes; 9 with Pillow's
`optimize` 13 times for 7 %."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """What goes into a file beside the pixels; empty or None for nothing."""

    exif: bytes = b""
    xmp: bytes | None = None
    icc: bytes | None = None


def write_jpeg(image: Image.Image, quality: int, attached: Attachments, *, progressive: bool = False) -> bytes:
    """Write a JPEG, baseline with the standard tables or progressive with optimised ones.

    Measured on photographs at quality 85: optimised tables double the CPU time of encoding, 2 ms more per megapixel,
    for 2.7 % fewer bytes, and progressive takes another 6 for 3 %. So they pay where the bytes are rationed.

    Args:
        image: mode RGB, L or YCbCr, which is what a JPEG stores.
        quality: 1 to 95, libjpeg's scale.
        attached: what goes in beside the pixels.
        progressive: smaller, and slower to write and to read.
    """
    chroma = "4:4:4" if quality >= FULL_CHROMA_FROM else "4:2:0"
    options = {"quality": quality, "subsampling": chroma, "xmp": attached.xmp or b""}
    try:
        return _saved(image, "JPEG", attached, progressive=progressive, **options)
    except OSError:  # Pillow's buffer for progressive has a byte per pixel, and noise can need more
        return _saved(image, "JPEG", attached, **options)


def write_webp(image: Image.Image, quality: int, attached: Attachments) -> bytes:
    """Write a lossy WebP; its scale of quality gives about the SSIM of libjpeg's.

    Args:
        image: mode RGB, L, RGBA or LA; the format stores grey as RGB.
        quality: 1 to 95, as for JPEG.
        attached: what goes in beside the pixels.
    """
    return _saved(image, "WEBP", attached, quality=quality, method=WEBP_METHOD, xmp=attached.xmp or b"")


def write_avif(image: Image.Image, quality: int, attached: Attachments) -> bytes:
    """Write an AVIF, on one thread: the workers are threads already, and the bytes depend on nothing else.

    Args:
        image: mode RGB, L, RGBA or LA.
        quality: 1 to 95, as for JPEG; the format's own number for about the same SSIM is used.
        attached: what goes in beside the pixels.
    """
    chroma = {} if image.mode in ("L", "LA") else {"subsampling": "4:4:4" if quality >= FULL_CHROMA_FROM else "4:2:0"}
    numbers = {"quality": avif_quality(quality), "speed": AVIF_SPEED, "max_threads": 1, "autotiling": False}
    return _saved(image, "AVIF", attached, xmp=attached.xmp or b"", **numbers, **chroma)


def write_png(image: Image.Image, _quality: int, attached: Attachments) -> bytes:
    """Write a PNG, which has no quality to choose.

    Args:
        image: mode RGB, L, RGBA or LA.
        _quality: not used.
        attached: what goes in beside the pixels.
    """
    texts = PngImagePlugin.PngInfo()
    if attached.xmp:
        texts.add_itxt("XML:com.adobe.xmp", attached.xmp.decode())  # XMP Specification Part 3, 1.1.5
    return _saved(image, "PNG", attached, compress_level=PNG_LEVEL, pnginfo=texts)


def avif_quality(quality: int) -> int:
    """The quality of libavif that looks like one of libjpeg's."""
    for (low, below), (high, above) in pairwise(AVIF_QUALITIES):
        if quality <= high:
            return round(below + (above - below) * (quality - low) / (high - low))
    return AVIF_QUALITIES[-1][1]


Writer = Callable[[Image.Image, int, Attachments], bytes]
WRITERS: Final[Mapping[FormatName, Writer]] = {
    "jpeg": write_jpeg,
    "webp": write_webp,
    "avif": write_avif,
    "png": write_png,
}


def _saved(image: Image.Image, pillow_format: str, attached: Attachments, **options: Any) -> bytes:
    if image.mode == "YCbCr" and pillow_format != "JPEG":
        image = image.convert("RGB")
    with _empty_file() as file:
        image.save(file, pillow_format, exif=attached.exif, icc_profile=attached.icc, **options)
        file.seek(0)
        return file.read()


def _empty_file() -> IO[bytes]:
    """A real file, in memory where the system can: into those Pillow encodes JPEGs without holding up other threads."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("rendition", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()
