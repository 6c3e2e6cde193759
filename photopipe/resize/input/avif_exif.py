"""Take the EXIF out of an AVIF whose EXIF is no TIFF: libavif refuses the whole picture for it."""

import re
from typing import Final

BEGINNING_BYTES: Final = 1 << 20
"""The box `meta`, which lists the items, stands before the pixels."""
EXIF_ITEM: Final = re.compile(rb"(infe(?:\x02...|\x03.....)....)Exif", re.DOTALL)
"""An entry of the list of items. Source: ISO/IEC 14496-12, 8.11.6: version, flags, id, protection, type, name."""


def without_exif(data: bytes) -> bytes:
    """Give EXIF items a type that nobody reads.

    Args:
        data: an AVIF file.

    Returns:
        The same file, byte for byte as long; the same object if it has no EXIF.
    """
    head = EXIF_ITEM.sub(rb"\1skip", data[:BEGINNING_BYTES])
    return head + data[BEGINNING_BYTES:] if head != data[:BEGINNING_BYTES] else data
