"""Write WebP, still and animated."""

import io
from typing import IO, Final

from PIL import Image

from photopipe.resize.output.output_format import Animation, Attachments, Format

METHOD: Final = 2
"""Measured at the same SSIM: 4, libwebp's default, takes 2.4 times the CPU time for 9 % fewer bytes; 1 needs 11 % more
bytes than 2 for three quarters of its time."""
EXIF_PREFIX: Final = b"Exif\0\0"
EXTENDED: Final = 12
FLAGS: Final = 20
HAS_ALPHA: Final = 0x10
"""Source: RFC 9649, 2.7 (extended file format): offsets of the header and its flags, and one flag."""


def write_webp(file: IO[bytes], image: Image.Image, quality: int, attached: Attachments) -> None:
    """Write a lossy WebP; its scale of quality gives about the SSIM of libjpeg's.

    Args:
        file: where to; empty.
        image: mode RGB, L, RGBA or LA; the format stores grey as RGB.
        quality: 1 to 95, as for JPEG.
        attached: what is embedded besides the pixels.
    """
    image.save(
        file,
        "WEBP",
        quality=quality,
        method=METHOD,
        exif=attached.exif,
        xmp=attached.xmp or b"",
        icc_profile=attached.icc,
    )


def write_animated_webp(frames: Animation, quality: int, plays: int, attached: Attachments) -> bytes:
    """Write an animated WebP.

    Args:
        frames: as they come.
        quality: 1 to 95, as for JPEG.
        plays: how often they are played, 0 for endlessly.
        attached: what is embedded besides the pixels.
    """
    buffer = io.BytesIO()
    frames.seek(0)
    frames.save(
        buffer,
        "WEBP",
        save_all=True,
        duration=frames.durations_ms,  # each is looked up after its frame has been made
        loop=plays,
        quality=quality,
        method=METHOD,
        exif=attached.exif.removeprefix(EXIF_PREFIX),  # Pillow takes it off only where there is one frame
        icc_profile=attached.icc,
        xmp=attached.xmp or b"",
    )
    data = buffer.getvalue()
    if frames.is_transparent and data[EXTENDED:FLAGS].startswith(b"VP8X"):
        # libwebp does not set the flag if only the space around the frames is transparent, and readers then show black
        data = data[:FLAGS] + bytes([data[FLAGS] | HAS_ALPHA]) + data[FLAGS + 1 :]
    return data


FORMAT: Final = Format(
    name="webp",
    content_type="image/webp",
    sources=frozenset({"WEBP"}),
    library="webp",
    longest_side_px=16_383,  # WEBP_MAX_DIMENSION in libwebp's encode.h
    encoder_bytes=7,
    write=write_webp,
    write_animation=write_animated_webp,
    has_grey=False,
)
