"""Which kind of file the first bytes announce, for telling damaged pictures from files that are none."""

from typing import Final

SIGNATURES: Final = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II\x2a\x00",
    b"MM\x00\x2a",
    b"II\x2b\x00",  # BigTIFF
    b"MM\x00\x2b",
)
HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
"""Source: ISO/IEC 23008-12, brands of image files."""


def is_known_kind(head: bytes) -> bool:
    """True if the first bytes are those of a kind of picture that is read.

    Args:
        head: at least the first 12 bytes of the file.

    Returns:
        True for JPEG, PNG, TIFF, WebP and HEIC.
    """
    if head[4:8] == b"ftyp":
        return head[8:12] in HEIF_BRANDS
    return head.startswith(SIGNATURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")


def beginning(head: bytes) -> str:
    """The first bytes, as a person can read them.

    Args:
        head: the first bytes of the file.

    Returns:
        Up to 16 characters in quotes if they are plain text, up to 8 bytes in hexadecimal otherwise.
    """
    line = head[:16].split(b"\n")[0].rstrip()
    if line and all(32 <= byte < 127 for byte in line):
        return f'"{line.decode("ascii")}"'
    return f"the bytes {head[:8].hex(' ')}"
