"""libturbojpeg, where the system has it: it hands out luma and chroma apart, and takes them so."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_ulong, c_void_p
from functools import cache
from typing import Final

from photopipe.resize.plan import scaled_px
from photopipe.resize.planes import Plane, Planes, extended, stride_of

NAMES: Final = ("libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "libturbojpeg.dylib")
"""Tried by name: asking the system for it would start a program or two."""
STEPS: Final = {0: (1, 1), 1: (2, 1), 2: (2, 2), 4: (1, 2), 5: (4, 1), 6: (1, 4)}
"""TJSAMP number -> luma samples per chroma sample, across and down. Source: turbojpeg.h, enum TJSAMP."""
GREY: Final = 3
YCBCR: Final = 1
GREYSCALE: Final = 2
"""TJCS numbers. Source: turbojpeg.h, enum TJCS."""
HALVED: Final = 2
"""TJSAMP_420."""
ACCURATE_DCT: Final = 4096
"""TJFLAG_ACCURATEDCT: what Pillow uses."""


@cache
def turbojpeg() -> ctypes.CDLL | None:
    """The library, its functions declared; None if there is none that can be used."""
    for name in NAMES:
        try:
            library = ctypes.CDLL(name)
            _declare(library)
        except (OSError, AttributeError):  # not here, not loadable, or too old
            continue
        return library
    return None


def _declare(library: ctypes.CDLL) -> None:
    number = POINTER(c_int)
    library.tjInitDecompress.restype = c_void_p
    library.tjDestroy.argtypes = (c_void_p,)
    library.tjGetErrorStr2.argtypes = (c_void_p,)
    library.tjGetErrorStr2.restype = c_char_p
    library.tjPlaneWidth.argtypes = library.tjPlaneHeight.argtypes = (c_int, c_int, c_int)
    library.tjDecompressHeader3.argtypes = (c_void_p, c_char_p, c_ulong, number, number, number, number)
    library.tjDecompressToYUVPlanes.argtypes = (
        c_void_p, c_char_p, c_ulong, POINTER(c_void_p), c_int, number, c_int, c_int,
    )  # fmt: skip
    library.tjInitCompress.restype = c_void_p
    library.tjFree.argtypes = (c_void_p,)
    library.tjCompressFromYUVPlanes.argtypes = (
        c_void_p, POINTER(c_void_p), c_int, number, c_int, c_int, POINTER(c_void_p), POINTER(c_ulong), c_int, c_int,
    )  # fmt: skip


class TurboJpegError(Exception):
    """What libturbojpeg says about a file: it is damaged, or of a kind it does not decode."""


def decode_planes(library: ctypes.CDLL, data: bytes, eighths: int) -> Planes | None:
    """Decode a JPEG without mixing its channels.

    Args:
        library: as `turbojpeg` gave it.
        data: the file.
        eighths: scale, as `decode_eighths` chose it.

    Returns:
        The planes; None for a kind that has none of this shape (CMYK, RGB, odd subsampling).

    Raises:
        TurboJpegError: the decoder complains, be it only with a warning: then it has filled something in.
    """
    handle = library.tjInitDecompress()
    if not handle:
        raise MemoryError
    try:
        header = _header(library, handle, data)
        return _decoded(library, handle, data, header, eighths) if header else None
    finally:
        library.tjDestroy(handle)


def _header(library: ctypes.CDLL, handle: int, data: bytes) -> tuple[int, int, int] | None:
    width, height, sampling, space = (c_int() for _ in range(4))
    failed = library.tjDecompressHeader3(
        handle, data, len(data), byref(width), byref(height), byref(sampling), byref(space)
    )
    known = sampling.value in STEPS if space.value == YCBCR else sampling.value == GREY and space.value == GREYSCALE
    return None if failed or not known else (width.value, height.value, sampling.value)


def _decoded(library: ctypes.CDLL, handle: int, data: bytes, header: tuple[int, int, int], eighths: int) -> Planes:
    width_px, height_px, sampling = scaled_px(header[0], eighths), scaled_px(header[1], eighths), header[2]
    planes = [
        _empty(library.tjPlaneWidth(channel, width_px, sampling), library.tjPlaneHeight(channel, height_px, sampling))
        for channel in range(1 if sampling == GREY else 3)
    ]
    rows = (c_void_p * 3)(*(ctypes.addressof(ctypes.c_char.from_buffer(plane.samples)) for plane in planes))
    strides = (c_int * 3)(*(plane.stride for plane in planes))
    if library.tjDecompressToYUVPlanes(handle, data, len(data), rows, width_px, strides, height_px, 0):
        raise TurboJpegError(library.tjGetErrorStr2(handle).decode("ascii", "replace"))
    return Planes((width_px, height_px), planes[0], tuple(planes[1:]), STEPS.get(sampling, (1, 1)))


def encode_planes(library: ctypes.CDLL, planes: Planes, quality: int) -> bytes:
    """Encode planes as a baseline JPEG with the standard tables.

    Args:
        library: as `turbojpeg` gave it.
        planes: luma and halved chroma.
        quality: 1 to 95, libjpeg's scale.

    Raises:
        TurboJpegError: the encoder complains.
    """
    handle = library.tjInitCompress()
    if not handle:
        raise MemoryError
    data, length = c_void_p(), c_ulong()  # the library allocates: what it asks for beforehand is thrice as much
    try:
        channels = (_even(planes.luma), *planes.chroma)
        rows = (c_void_p * 3)(*(ctypes.cast(c_char_p(bytes(one.samples)), c_void_p).value for one in channels))
        strides = (c_int * 3)(*(one.stride for one in channels))
        if library.tjCompressFromYUVPlanes(
            handle, rows, *(planes.size[0], strides, planes.size[1]), HALVED, byref(data), byref(length), quality,
            ACCURATE_DCT,
        ):  # fmt: skip
            raise TurboJpegError(library.tjGetErrorStr2(handle).decode("ascii", "replace"))
        return ctypes.string_at(data, length.value)
    finally:
        library.tjFree(data)
        library.tjDestroy(handle)


def _even(luma: Plane) -> Plane:
    """Where a side's length is odd, the encoder reads one sample more. Source: turbojpeg.h, tjPlaneWidth."""
    columns, rows = luma.size[0] % 2, luma.size[1] % 2
    return extended(luma, columns, rows) if columns or rows else luma


def _empty(width_px: int, height_px: int) -> Plane:
    stride = stride_of(width_px)
    return Plane(bytearray(stride * height_px), (width_px, height_px), stride)
