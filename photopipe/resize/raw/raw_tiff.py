"""Tell a camera's RAW file that is built on TIFF from a picture that is a TIFF.

Both begin with the same bytes, and Pillow opens the first picture of either: in a RAW that is a thumbnail.
"""

from collections.abc import Iterable
from typing import BinaryIO, Final

from photopipe.resize.containers.tiff_directory import SUB_DIRECTORIES, Directory, directories

REDUCED, WIDTH, HEIGHT, COMPRESSION, PHOTOMETRIC, MAKE, DNG_VERSION = 254, 256, 257, 259, 262, 271, 50706
STRIPS: Final = ((273, 279), (324, 325))
"""Offsets and byte counts, of strips and of tiles."""
RAW_PHOTOMETRIC: Final = frozenset({32803, 34892})
"""Colour filter array and linear RAW. Source: DNG 1.7, PhotometricInterpretation."""
RAW_COMPRESSION: Final = frozenset({32767, 34713, 65000})
"""Sony ARW, Nikon NEF, Kodak. Source: tif_dir names of ExifTool, `Compression`."""
MOST_PICTURES: Final = 32
THUMBNAIL: Final = 4
"""The first picture is a thumbnail if one inside it has this many times its pixels."""


def is_raw(file: BinaryIO) -> bool:
    """True if a TIFF is a camera's RAW file.

    Args:
        file: begins as TIFF; its position is moved.

    Returns:
        True for CR2, NEF, ARW, DNG, KDC and similar files, whatever the file's name is.
    """
    file.seek(8)
    if file.read(2) == b"CR":  # Canon CR2, whose picture in the last directory has no other mark
        return True
    first: Directory | None = None
    for _, directory in zip(range(MOST_PICTURES), directories(file, with_sub=True), strict=False):
        first = first or directory
        if _says_raw(file, directory) or _is_far_larger(file, directory, first):
            return True
    return first is not None and MAKE in first.entries and first.number(file, REDUCED) == 1


def _says_raw(file: BinaryIO, directory: Directory) -> bool:
    return (
        DNG_VERSION in directory.entries
        or directory.number(file, PHOTOMETRIC) in RAW_PHOTOMETRIC
        or directory.number(file, COMPRESSION) in RAW_COMPRESSION
    )


def _is_far_larger(file: BinaryIO, directory: Directory, first: Directory) -> bool:
    """True if a camera's first picture is a thumbnail of a later one: the RAW of a make that is not listed here."""
    if MAKE not in first.entries or SUB_DIRECTORIES not in first.entries:
        return False
    return _pixels(file, directory) > THUMBNAIL * _pixels(file, first)


def _pixels(file: BinaryIO, directory: Directory) -> int:
    return (directory.number(file, WIDTH) or 0) * (directory.number(file, HEIGHT) or 0)


def ends_early(file: BinaryIO, size_bytes: int) -> bool:
    """True if a RAW built on TIFF has picture data past the end of the file, which LibRaw would fill with noise."""
    some = zip(range(MOST_PICTURES), directories(file, with_sub=True), strict=False)
    return any(end > size_bytes for _, directory in some for end in _ends(file, directory))


def _ends(file: BinaryIO, directory: Directory) -> Iterable[int]:
    for offsets, counts in STRIPS:
        for offset, count in zip(directory.numbers(file, offsets), directory.numbers(file, counts), strict=False):
            yield offset + count


def pages(file: BinaryIO) -> int:
    """How many pages a TIFF has, at most a thousand; thumbnails are not counted."""
    all_pages = list(directories(file, with_sub=False))
    return sum((page.number(file, REDUCED) or 0) & 1 == 0 for page in all_pages)


def tile_pixels(file: BinaryIO) -> tuple[int, int]:
    """Width and height of the first picture's tiles [px]; 0 if it has none. The decoder allocates one at once."""
    first = next(directories(file, with_sub=False), None)
    return ((first.number(file, 322) or 0), (first.number(file, 323) or 0)) if first else (0, 0)
