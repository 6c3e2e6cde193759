"""What kind of picture some bytes are, by the bytes alone: a sender's word is not trusted."""

import re
from typing import Final

HEAD_BYTES: Final = 64
"""How many first bytes `picture_type` needs."""

EXTENSIONS: Final = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/avif": ("avif",),
    "image/heic": ("heic", "heif", "hif"),
    "image/jxl": ("jxl",),
    "image/jp2": ("jp2", "j2k", "jpf", "jpx"),
    "image/bmp": ("bmp", "dib"),
    "image/tiff": ("tif", "tiff", "dng", "nef", "nrw", "cr2", "arw", "sr2", "srf", "srw", "pef", "kdc", "dcr", "3fr"),
    "image/x-canon-crw": ("crw",),
    "image/x-canon-cr3": ("cr3",),
    "image/x-fuji-raf": ("raf",),
    "image/x-olympus-orf": ("orf",),
    "image/x-panasonic-rw2": ("rw2", "raw", "rwl"),
}
"""Content type -> file name extensions that fit it, the usual one first."""

SHOWABLE: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"})
"""What every browser can show; the rest are originals, which are kept and offered as files."""

_BRANDS: Final = (
    (frozenset({b"avif", b"avis"}), "image/avif"),
    (frozenset({b"crx "}), "image/x-canon-cr3"),
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}), "image/heic"),
)
_SIGNATURES: Final = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"), "image/jxl"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "image/jp2"),
    (re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"II\x1a\0\0\0HEAPCCDR"), "image/x-canon-crw"),
    (re.compile(rb"FUJIFILMCCD-RAW "), "image/x-fuji-raf"),
    (re.compile(rb"IIR[OS]\x08\0|MMOR\0"), "image/x-olympus-orf"),
    (re.compile(rb"IIU\0"), "image/x-panasonic-rw2"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "image/tiff"),
)


def picture_type(head: bytes) -> str | None:
    """Content type of a picture.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, fewer if it is shorter.

    Returns:
        One of the keys of `EXTENSIONS`, or None for anything else.

    Source:
        WHATWG MIME Sniffing, section 6.1; ISO/IEC 14496-12 (`ftyp` box) for AVIF, HEIF and CR3; for the
        others the first bytes their specifications name, of RAW files those LibRaw goes by.
    """
    for signature, content_type in _SIGNATURES:
        if signature.match(head):
            return content_type
    brands = _brands(head)
    return next((content_type for known, content_type in _BRANDS if known & brands), None)


def _brands(head: bytes) -> set[bytes]:
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    if head[4:8] != b"ftyp":
        return set()
    # The major brand, then (after four bytes of version) the compatible ones: phones may put `mif1` first.
    return {head[8:12], *(head[at : at + 4] for at in range(16, box_end, 4))}
