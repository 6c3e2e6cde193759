"""What counts as a photo: by the file's name when scanning, by its first bytes once it is read."""

from photopipe.errors import NotAPhoto

RAW_EXTENSIONS = frozenset({
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".kdc", ".mrw", ".nef", ".nrw", ".orf",
    ".pef", ".raf", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
})  # fmt: skip
"""Lower case; cameras' RAW files."""

PHOTO_EXTENSIONS = RAW_EXTENSIONS | frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".heic", ".heif", ".hif", ".avif", ".png", ".webp", ".tif", ".tiff",
    ".gif", ".bmp", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".jxl",
})  # fmt: skip
"""Lower case. A file with another extension is never opened."""

HEAD_BYTES = 64
"""How much of a file is needed to tell its kind."""

BEGINNINGS = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"),
    *(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),  # TIFF, BigTIFF, and most RAW files
    *(b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),  # JPEG 2000: file and bare codestream
    *(b"\x00\x00\x00\x0cJXL \r\n\x87\n", b"\xff\x0a"),  # JPEG XL likewise
    *(b"II\x1a\x00\x00\x00HEAPCCDR", b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\x00", b"FOVb", b"\x00MRM"),
)
"""JPEG, PNG, GIF, TIFF, JPEG 2000, JPEG XL, and the RAW files that are not built on TIFF."""

HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
    | {b"avif", b"avis", b"crx "}
)
"""HEIC, AVIF and Canon's CR3, which are built alike."""

GIT_LFS_POINTER = b"version https://git-lfs"


def extension_of(name: str) -> str:
    """The extension in lower case with its dot, or the empty string."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def require_photo(head: bytes) -> None:
    """Make sure the first bytes of a file are those of a picture.

    Args:
        head: at least `HEAD_BYTES` of them, or all there are.

    Raises:
        NotAPhoto: they are not; the message says what they look like.

    Source:
        ITU-T T.81 B.1.1.3 (JPEG), W3C PNG 5.2, TIFF 6.0 section 2, RFC 9649 (WebP), ISO/IEC 23008-12
        (HEIF brands), AVIF 1.1 section 6, ISO/IEC 15444-1 (JPEG 2000), ISO/IEC 18181 (JPEG XL), GIF89a.
    """
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    is_bmp = head[:2] == b"BM" and head[15:18] == bytes(3)  # the upper bytes of its header's length
    if head.startswith(BEGINNINGS) or is_webp or is_bmp or _is_heif(head):
        return
    raise NotAPhoto(f"is not a photo: {_looks_like(head)}")


def _is_heif(head: bytes) -> bool:
    """True for an ISO base media file that names a HEIF brand as its own or as a compatible one."""
    if head[4:8] != b"ftyp":
        return False
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, end - 3, 4))]
    return not HEIF_BRANDS.isdisjoint(brands)


def _looks_like(head: bytes) -> str:
    if not head:
        return "the file is empty. Copy it again from the camera."
    if head.startswith(GIT_LFS_POINTER):
        return "it is a Git LFS pointer. Fetch the real file with `git lfs pull`."
    if not any(head):
        return "it begins with zeros, as a copy that was cut off does. Copy it again from the camera."
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        beginning = head[:24].decode("ascii").split("\n", maxsplit=1)[0].strip()
        return f"it is text (it begins with {beginning!r}). Rename it or move it away."
    return f"its first bytes ({head[:8].hex(' ')}) are no picture's. Rename it or move it away."
