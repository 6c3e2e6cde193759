"""One opener for each kind of file; a plugin is imported when the first file of its kind is opened.

Each file is passed to the one decoder that its first bytes call for. `Image.open` is not used, because even with a list
of formats it imports five plugins, and refuses a JPEG with a broken list of further pictures (MPO).
"""

import io
import re
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin
from PIL.ImageFile import ImageFile

import photopipe.resize.decoders.silence_libraries  # noqa: F401 - imported for what it sets up
from photopipe.resize.decoders.decoders import load_decoder
from photopipe.resize.metadata.source_metadata import LOST

AVIF_BEGINNING_BYTES: Final = 1 << 20
"""The box `meta`, which lists the items, comes before the pixels."""
AVIF_EXIF_ITEM: Final = re.compile(rb"(infe(?:\x02...|\x03.....)....)Exif", re.DOTALL)
"""An entry of the list of items. Source: ISO/IEC 14496-12, 8.11.6: version, flags, id, protection, type, name."""

# Our own header check replaces Pillow's limit, which refuses real panoramas and warns about smaller ones.
Image.MAX_IMAGE_PIXELS = None


def _png(file: BinaryIO) -> ImageFile:
    from PIL import PngImagePlugin

    from photopipe.resize.input.png_texts import without_long_texts

    trimmed = without_long_texts(file)
    image = PngImagePlugin.PngImageFile(trimmed.file)
    if trimmed.profile:
        image.info["icc_profile"] = trimmed.profile
    if trimmed.lost:
        image.info[LOST] = f"{trimmed.lost} of its texts, too long to be read"
    return image


def _webp(file: BinaryIO) -> ImageFile:
    from PIL import WebPImagePlugin

    return WebPImagePlugin.WebPImageFile(file)


def _tiff(file: BinaryIO) -> ImageFile:
    from PIL import TiffImagePlugin

    return TiffImagePlugin.TiffImageFile(file)


def _heif(file: BinaryIO) -> ImageFile:
    from pillow_heif import HeifImageFile

    return HeifImageFile(file)  # type: ignore[no-untyped-call]  # the class has no annotations


def _avif(file: BinaryIO) -> ImageFile:
    from PIL import AvifImagePlugin

    try:
        return AvifImagePlugin.AvifImageFile(file)
    except (ValueError, SyntaxError):
        file.seek(0)
        data = file.read()
        rest = _without_exif(data)
        if rest is data:
            raise
    image = AvifImagePlugin.AvifImageFile(io.BytesIO(rest))
    image.info[LOST] = "EXIF (it is no EXIF block)"
    return image


def _without_exif(data: bytes) -> bytes:
    """Give the EXIF items of an AVIF an unknown type: libavif refuses the whole picture if one of them is not a TIFF.

    Returns the same object if there is none; else a file of the same length.
    """
    head = AVIF_EXIF_ITEM.sub(rb"\1skip", data[:AVIF_BEGINNING_BYTES])
    return head + data[AVIF_BEGINNING_BYTES:] if head != data[:AVIF_BEGINNING_BYTES] else data


def _gif(file: BinaryIO) -> ImageFile:
    from PIL import GifImagePlugin

    return GifImagePlugin.GifImageFile(file)


def _bmp(file: BinaryIO) -> ImageFile:
    from PIL import BmpImagePlugin

    return BmpImagePlugin.BmpImageFile(file)


def _jpeg2000(file: BinaryIO) -> ImageFile:
    from PIL import Jpeg2KImagePlugin

    return Jpeg2KImagePlugin.Jpeg2KImageFile(file)


def _jxl(file: BinaryIO) -> ImageFile:
    image = load_decoder("JXL").JpegXLImagePlugin.JXLImageFile(file)
    assert isinstance(image, ImageFile)  # noqa: S101 - what the plugin promises, for the type checker
    return image


OPENERS: Final[Mapping[str, Callable[[BinaryIO], ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,  # of an MPO, this is the first picture
    "PNG": _png,
    "WEBP": _webp,
    "TIFF": _tiff,
    "HEIF": _heif,
    "AVIF": _avif,
    "GIF": _gif,
    "BMP": _bmp,
    "JPEG2000": _jpeg2000,
    "JXL": _jxl,
}
