"""Write AVIF."""

from itertools import pairwise
from typing import IO, Any, Final

from PIL import Image

from photopipe.resize.output.output_format import Attachments, Format

FULL_CHROMA_FROM: Final = 90
"""As for JPEG."""
SPEED: Final = 7
"""Measured at the same SSIM: 6 takes 1.9 times the CPU time for 8 % fewer bytes; 9 an eighth of it, for 30 % more
bytes, which is no smaller than WebP."""
QUALITIES: Final = ((1, 15), (30, 38), (50, 45), (70, 51), (85, 63), (95, 87))
"""libjpeg's quality -> libavif's at `SPEED` with the same SSIM of luma, measured on photographs of 1 MP."""


def write_avif(file: IO[bytes], image: Image.Image, quality: int, attached: Attachments) -> None:
    """Write an AVIF, on one thread: the workers are threads already, and the bytes depend on nothing else.

    Args:
        file: where to; empty.
        image: mode RGB, L, RGBA or LA.
        quality: 1 to 95, as for JPEG; the format's own number for about the same SSIM is used.
        attached: what is embedded besides the pixels.
    """
    options: dict[str, Any] = {"exif": attached.exif, "xmp": attached.xmp or b"", "icc_profile": attached.icc}
    options |= {"quality": avif_quality(quality), "speed": SPEED, "max_threads": 1, "autotiling": False}
    if image.mode not in ("L", "LA"):
        options["subsampling"] = "4:4:4" if quality >= FULL_CHROMA_FROM else "4:2:0"
    image.save(file, "AVIF", **options)


def avif_quality(quality: int) -> int:
    """The quality of libavif that looks like one of libjpeg's."""
    for (low, below), (high, above) in pairwise(QUALITIES):
        if quality <= high:
            return round(below + (above - below) * (quality - low) / (high - low))
    return QUALITIES[-1][1]


FORMAT: Final = Format(
    name="avif",
    content_type="image/avif",
    sources=frozenset({"AVIF"}),
    library="avif",
    # AV1 allows 65536, but decoders built on libavif refuse more than this unless told otherwise. Source:
    # AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT in libavif's avif.h
    longest_side_px=32_768,
    encoder_bytes=24,
    write=write_avif,
)
