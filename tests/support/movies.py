"""Videos as phones write them, without pictures: only the boxes that say something."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
APPLE = "com.apple.quicktime."


def box(kind: bytes, content: bytes) -> bytes:
    """A box of ISO media files."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def movie(
    created: datetime | None = None,
    said: Mapping[str, str] | None = None,
    *,
    brand: bytes = b"qt  ",
    pictures: bytes = bytes(64),
    version: int = 0,
    iso_meta: bool = False,
) -> bytes:
    """A video whose `moov` comes last, as recorders write it.

    Args:
        created: time in `mvhd`.
        said: Apple's metadata by the end of its key.
        brand: of the file.
        pictures: what stands for the pictures.
        version: of `mvhd`.
        iso_meta: whether `meta` has a version, as ISO's has.
    """
    seconds = int((created - EPOCH).total_seconds()) if created else 0
    times = struct.pack(">II" if version == 0 else ">QQ", seconds, seconds)
    mvhd = box(b"mvhd", bytes([version, 0, 0, 0]) + times + bytes(80))
    meta = _meta(said, iso_meta=iso_meta) if said else b""
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", pictures) + box(b"moov", mvhd + meta)


def _meta(said: Mapping[str, str], *, iso_meta: bool) -> bytes:
    keys, values = struct.pack(">II", 0, len(said)), b""
    for number, (name, text) in enumerate(said.items(), 1):
        keys += box(b"mdta", (APPLE + name).encode())
        values += box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0) + text.encode()))
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    return box(b"meta", (bytes(4) if iso_meta else b"") + handler + box(b"keys", keys) + box(b"ilst", values))
