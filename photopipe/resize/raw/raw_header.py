"""The metadata blocks of a RAW file, found without LibRaw."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from photopipe.resize.containers.iso_boxes import boxes
from photopipe.resize.containers.tiff_directory import directories
from photopipe.resize.raw.raw_exif import BEGINNING_BYTES, EXIF, TIFF_LIKE

LONGEST_BLOCK: Final = 1 << 20
XMP_TAG: Final = 700
CANON: Final = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Types of boxes. Source: ISO/IEC 14496-12, 11.1 (uuid); XMP Specification Part 3, 1.3.9; ExifTool, Canon CR3."""
RAF: Final = b"FUJIFILMCCD-RAW"
RAF_PREVIEW: Final = 84
"""Where the offset of the JPEG is. Source: LibRaw, fuji.cpp, parse_fuji."""


class RawHeader(NamedTuple):
    """Blocks of metadata; each is empty if there is none.

    Attributes:
        exif: the EXIF block.
        detail: a TIFF whose main directory is the Exif directory, where that is a block of its own.
        xmp: the XMP packet.
        preview: the beginning of the JPEG that has the EXIF block.
    """

    exif: bytes = b""
    detail: bytes = b""
    xmp: bytes = b""
    preview: bytes = b""


def read_raw_header(file: BinaryIO) -> RawHeader:
    """Read the blocks of a file that is built on TIFF, of a Canon CR3 or of a Fuji RAF; others have none.

    Args:
        file: a RAW file; its position is moved.
    """
    file.seek(0)
    head = file.read(RAF_PREVIEW + 4)
    if head.startswith(TIFF_LIKE):
        return _of_tiff(file)
    if head.startswith(RAF):
        file.seek(int.from_bytes(head[RAF_PREVIEW:], "big"))
        return RawHeader(preview=file.read(LONGEST_BLOCK))
    return _of_cr3(file) if head[4:8] == b"ftyp" else RawHeader()


def _of_tiff(file: BinaryIO) -> RawHeader:
    """The beginning of such a file serves as its EXIF block, see `raw_exif.py`."""
    first = next(directories(file, with_sub=False), None)
    _, length, offset = first.entries.get(XMP_TAG, (0, 0, 0)) if first else (0, 0, 0)
    file.seek(offset)
    xmp = file.read(length) if length <= LONGEST_BLOCK else b""
    file.seek(0)
    data = file.read(BEGINNING_BYTES)
    magic = b"II\x2a\0" if data.startswith(b"II") else b"MM\0\x2a"
    return RawHeader(exif=EXIF + magic + data[4:], xmp=xmp)


def _of_cr3(file: BinaryIO) -> RawHeader:
    parts = dict(_cr3_parts(file))
    return RawHeader(*(_block(file, *parts.get(kind, (0, 0))) for kind in (b"CMT1", b"CMT2", XMP)))


def _cr3_parts(file: BinaryIO) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for kind, start, end in boxes(file):
        if kind == b"moov":
            for inner, first, stop in boxes(file, start, end):
                if inner == b"uuid" and _block(file, first, first + 16) == CANON:
                    yield from ((name, (at, until)) for name, at, until in boxes(file, first + 16, stop))
        elif kind == b"uuid" and _block(file, start, start + 16) == XMP:
            yield XMP, (start + 16, end)


def _block(file: BinaryIO, start: int, end: int) -> bytes:
    if end - start > LONGEST_BLOCK:
        return b""
    file.seek(start)
    return file.read(end - start)
