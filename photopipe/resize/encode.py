"""Encode the finished picture."""

import io

from PIL import Image

from photopipe.resize.colour import SRGB_PROFILE


def encode_jpeg(image: Image.Image, quality: int, exif: bytes) -> bytes:
    """Encode a picture as baseline JPEG, 4:2:0.

    Args:
        image: mode RGB in sRGB, or L.
        quality: 1 to 95, libjpeg's scale.
        exif: the EXIF block to embed, empty for none.

    Returns:
        The file's bytes: the same for the same pixels, with the sRGB profile in colour pictures. A grey one has
        none, because a profile for RGB does not describe it and viewers take plain grey as sRGB.
    """
    image.info = {}  # Pillow would write comments and XMP it finds here into the file
    try:
        return _encoded(image, quality, exif, optimize=True)
    except OSError:  # Pillow's buffer for optimizing has a byte per pixel, and noise can need more
        return _encoded(image, quality, exif, optimize=False)


def _encoded(image: Image.Image, quality: int, exif: bytes, *, optimize: bool) -> bytes:
    buffer = io.BytesIO()
    profile = SRGB_PROFILE if image.mode == "RGB" else None
    image.save(buffer, "JPEG", quality=quality, optimize=optimize, subsampling="4:2:0", exif=exif, icc_profile=profile)
    return buffer.getvalue()
