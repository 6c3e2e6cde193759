"""Which word of a file about its orientation counts.

1. HEIF, AVIF and JPEG XL: the container's. Its decoder has turned the pixels, or Pillow has put it in the place of
   EXIF's (AVIF). EXIF and XMP are only informative there (ISO/IEC 23008-12, ISO/IEC 18181-2).
2. TIFF: Pillow turns the pixels while it loads them, and takes the tag away.
3. Everything else: EXIF's, when it has the tag. A tag that makes no sense means upright.
4. XMP's only where EXIF has no such tag, or there is no EXIF. Programs that turn the pixels reset EXIF and often
   forget the copy in XMP, so where both speak XMP may be stale; where it alone speaks, nobody else has turned anything.
"""

from typing import Final

from PIL import Image

from photopipe.resize.metadata.metadata_blocks import exif_of, xmp_of
from photopipe.resize.metadata.xmp_names import ORIENTATION as XMP_ORIENTATION
from photopipe.resize.metadata.xmp_read import read_xmp, texts

ORIENTATION: Final = 274
UPRIGHT: Final = 1


def orientation_of(image: Image.Image) -> int:
    """What is left to turn.

    Args:
        image: a picture; a TIFF must be loaded.

    Returns:
        EXIF orientation, 1 to 8.
    """
    if image.format == "HEIF" or (image.format == "JXL" and not getattr(image, "jpeg", False)):
        return UPRIGHT
    try:
        exif = image.getexif() if image.format == "TIFF" else exif_of(image)
        if ORIENTATION in exif:
            return _sensible(exif[ORIENTATION])
    except Exception:  # noqa: BLE001 - EXIF that is broken says nothing
        return _xmp_orientation(image)
    return _xmp_orientation(image)


def _xmp_orientation(image: Image.Image) -> int:
    if image.format in ("AVIF", "TIFF"):
        return UPRIGHT
    try:
        said = texts(read_xmp(xmp_of(image)).get(XMP_ORIENTATION))
    except Exception:  # noqa: BLE001 - XMP that is broken says nothing; that it is lost is said elsewhere
        return UPRIGHT
    return int(said[0]) if said and said[0] in "12345678" and len(said[0]) == 1 else UPRIGHT


def _sensible(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and orientation in range(1, 9) else UPRIGHT
