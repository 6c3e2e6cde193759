"""Luma and chroma by way of `simplejpeg`, which decodes to RGB only: the file is told to be RGB already.

Then nothing is converted, and what comes out as red, green and blue are Y, Cb and Cr as stored.
"""

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from PIL import Image

from photopipe.resize.plan import scaled_px
from photopipe.resize.planes import Planes, plane_of

ADOBE_RGB: Final = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""An APP14 segment whose last byte, the transform, says that the channels are not mixed. Source: Adobe Technical Note
5116, section 18; libjpeg follows it unless there is a JFIF segment."""
START: Final = b"\xff\xd8"
JFIF: Final = 0xE0
ADOBE: Final = 0xEE
IGNORED: Final = 0xEF
SCAN: Final = 0xDA


@cache
def simplejpeg() -> ModuleType | None:
    """The module, or None if it is not installed."""
    try:
        return import_module("simplejpeg")
    except ImportError:
        return None


def decode_unmixed(module: ModuleType, data: bytearray, size: tuple[int, int], eighths: int) -> Planes:
    """Decode a JPEG whose channels are Y, Cb and Cr.

    Args:
        module: as `simplejpeg` gave it.
        data: the file; it is used up, so that there is no second one beside the pixels.
        size: its width and height [px].
        eighths: scale, as `decode_eighths` chose it.

    Returns:
        The planes, all of one size.

    Raises:
        ValueError: the decoder complains, be it only with a warning: then it has filled something in.
    """
    width_px, height_px = scaled_px(size[0], eighths), scaled_px(size[1], eighths)
    wanted = {} if eighths == 8 else {"min_width": width_px, "min_height": height_px}
    tell_rgb(data)
    pixels = module.decode_jpeg(data, "RGBX", **wanted)
    data.clear()
    mixed = Image.frombuffer("RGBX", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "RGBX", 0, 1)
    luma, cb, cr = (plane_of(mixed.getchannel(channel)) for channel in "RGB")
    return Planes(mixed.size, luma, (cb, cr), (1, 1))


def tell_rgb(data: bytearray) -> None:
    """Make the header say that the channels are RGB; nothing else is changed.

    Args:
        data: a JPEG. Adobe's segment is put first, and further ones, and JFIF's, get the number of one that is
            ignored.
    """
    position = len(START)
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != SCAN:
        if data[position + 1] in (JFIF, ADOBE):
            data[position + 1] = IGNORED
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    data[len(START) : len(START)] = ADOBE_RGB
