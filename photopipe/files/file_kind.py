"""Which kind of file the first bytes announce: it decides which single decoder sees the file."""

from typing import Final

HEAD_BYTES: Final = 64
"""How much of a file `kind_of` looks at."""

SIGNATURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),  # a codestream without its box
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JXL"),
    (b"\xff\x0a", "JXL"),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "RAW"),  # Canon CRW
    (b"FUJIFILMCCD-RAW", "RAW"),  # Fujifilm RAF
    (b"IIRO", "RAW"),  # Olympus ORF, three spellings
    (b"IIRS", "RAW"),
    (b"MMOR", "RAW"),
    (b"IIU\x00", "RAW"),  # Panasonic RW2
    (b"FOVb", "RAW"),  # Sigma X3F
    (b"\x00MRM", "RAW"),  # Minolta MRW
    (b"II\x2a\x00", "TIFF"),  # also CR2, NEF, ARW, DNG, KDC: see `raw_tiff.py`
    (b"MM\x00\x2a", "TIFF"),
    (b"II\x2b\x00", "TIFF"),  # BigTIFF
    (b"MM\x00\x2b", "TIFF"),
)
"""First bytes and the kind they announce; kinds are Pillow's names of formats, and RAW."""

HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
"""Source: ISO/IEC 23008-12, brands of image files."""
CONTAINERS: Final = frozenset({b"mif1", b"msf1"})
"""Those of them that say only that there are pictures."""
AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
"""Source: AV1 Image File Format, section 6."""
CANON_BRAND: Final = b"crx "
"""Canon CR3, a RAW."""


def kind_of(head: bytes) -> str | None:
    """Tell a file's kind by its first bytes.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of a shorter one.

    Returns:
        Pillow's name of the format, or RAW; None if it is no kind that is read. A RAW that is built on TIFF is TIFF.
    """
    if head[4:8] == b"ftyp":
        return _kind_of_brands(head)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith(b"BM") and head[15:18] == bytes(3):  # the upper bytes of its header's length
        return "BMP"
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)


def _kind_of_brands(head: bytes) -> str | None:
    """The file's own brand counts first; behind a mere container's, the compatible ones say which."""
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, end - 3, 4))]
    if brands[0] in AVIF_BRANDS:
        return "AVIF"
    if brands[0] not in HEIF_BRANDS - CONTAINERS and AVIF_BRANDS & set(brands):
        return "AVIF"
    if HEIF_BRANDS & set(brands):
        return "HEIF"
    return "RAW" if CANON_BRAND in brands else None


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
