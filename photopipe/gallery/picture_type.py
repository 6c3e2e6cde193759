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
}
"""Content type -> file name extensions that fit it, the usual one first."""

_AVIF_BRANDS: Final = (b"avif", b"avis")
_SIGNATURES: Final = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
)


def picture_type(head: bytes) -> str | None:
    """Content type of a picture every browser can show.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, fewer if it is shorter.

    Returns:
        One of the keys of `EXTENSIONS`, or None for anything else.

    Source:
        WHATWG MIME Sniffing, section 6.1; ISO/IEC 14496-12 (`ftyp` box) for AVIF.
    """
    for signature, content_type in _SIGNATURES:
        if signature.match(head):
            return content_type
    return "image/avif" if _is_avif(head) else None


def _is_avif(head: bytes) -> bool:
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    if head[4:8] != b"ftyp":
        return False
    # The major brand, then (after four bytes of version) the compatible ones: phones may put `mif1` first.
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, box_end, 4))]
    return any(brand in _AVIF_BRANDS for brand in brands)
