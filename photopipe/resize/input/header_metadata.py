"""The metadata of a file without its picture: only headers are read, and no decoder is asked."""

import io
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from PIL import Image, JpegImagePlugin
from PIL.ImageFile import ImageFile

from photopipe.resize.containers.heif_items import metadata_items
from photopipe.resize.containers.iso_boxes import boxes
from photopipe.resize.containers.riff_chunks import riff_chunks
from photopipe.resize.input.openers import OPENERS
from photopipe.resize.metadata.exif_block import EXIF_POINTER
from photopipe.resize.metadata.source_metadata import SourceMetadata, read_source_metadata
from photopipe.resize.raw.raw_exif import EXIF
from photopipe.resize.raw.raw_header import read_raw_header

LONGEST_BLOCK: Final = 1 << 20
"""Of EXIF or XMP; cameras write up to 64 kB, editors a few hundred."""


def header_metadata(file: BinaryIO, kind: str) -> SourceMetadata:
    """Read what a file says besides its picture.

    Args:
        file: its position is moved.
        kind: as `kind_of_file` tells it.

    Returns:
        The same as is found when the picture is opened, except for what stands behind the pixels of a PNG.

    Raises:
        Exception: whatever Pillow raises on damaged headers.
    """
    if kind == "RAW":
        return _raw(file)
    if kind in READERS:
        return metadata_of_blocks(*READERS[kind](file))
    file.seek(0)
    return read_source_metadata(_png(file) if kind == "PNG" else OPENERS[kind](file))


def metadata_of_blocks(exif: bytes, xmp: bytes = b"") -> SourceMetadata:
    """The metadata of a file that has only these blocks."""
    image = Image.new("L", (1, 1))
    image.info.update({name: block for name, block in (("exif", exif), ("xmp", xmp)) if block})
    return read_source_metadata(image)


def jxl_blocks(file: BinaryIO) -> tuple[bytes, bytes]:
    """EXIF and XMP of a JPEG XL.

    Source: ISO/IEC 18181-2, 9.4: four bytes of offset come before the EXIF block; some writers leave them out.
    """
    found = {b"Exif": b"", b"xml ": b""}
    for kind, start, end in boxes(file):
        if kind in found and not found[kind] and start < end <= start + LONGEST_BLOCK:
            file.seek(start)
            found[kind] = file.read(end - start)
    exif = found[b"Exif"]
    block = exif if exif.startswith((b"II", b"MM")) else exif[4:]
    return EXIF + block if block else b"", found[b"xml "]


def _webp_blocks(file: BinaryIO) -> tuple[bytes, bytes]:
    found = {b"EXIF": b"", b"XMP ": b""}
    for kind, start, length in riff_chunks(file):
        if kind in found and not found[kind] and length <= LONGEST_BLOCK:
            file.seek(start)
            found[kind] = file.read(length)
    return found[b"EXIF"], found[b"XMP "]


def _heif_blocks(file: BinaryIO) -> tuple[bytes, bytes]:
    return metadata_items(file, LONGEST_BLOCK)


def _raw(file: BinaryIO) -> SourceMetadata:
    header = read_raw_header(file)
    if header.preview:
        return metadata_of_blocks(JpegImagePlugin.JpegImageFile(io.BytesIO(header.preview)).info.get("exif", b""))
    metadata = metadata_of_blocks(header.exif, header.xmp)
    if header.detail:
        detail = Image.Exif()
        detail.load(header.detail)
        metadata.exif.get_ifd(EXIF_POINTER).update(detail)
    return metadata


def _png(file: BinaryIO) -> ImageFile:
    """Pillow reads a PNG up to its pixels; the walk over all chunks that the rendition makes would take too long."""
    from PIL import PngImagePlugin

    return PngImagePlugin.PngImageFile(file)


READERS: Final[Mapping[str, Callable[[BinaryIO], tuple[bytes, bytes]]]] = {
    "WEBP": _webp_blocks,
    "HEIF": _heif_blocks,
    "AVIF": _heif_blocks,
    "JXL": jxl_blocks,
}
"""Kinds whose decoder would read the whole file."""
