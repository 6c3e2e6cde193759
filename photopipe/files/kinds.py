"""Kinds of photo files: the one table of their media types, extensions and first bytes, and what is read from it."""

from typing import Final, NamedTuple

from photopipe.errors import NotAPhoto

HEAD_BYTES: Final = 64
"""How much of a file is needed to tell its kind."""

MOST_BYTES: Final = 1_000_000_000
"""Several times what the largest cameras write; a file that claims more is damaged or no photo."""
MOST_TIFF_BYTES: Final = 4_300_000_000
"""Scans and panoramas are larger; offsets in a classic TIFF end here.

Source: TIFF 6.0, section 2.
"""

Signature = tuple[tuple[int, bytes], ...]
"""Bytes that must all be there, each with its offset."""


class FileKind(NamedTuple):
    """A row of the table.

    Attributes:
        name: Pillow's name of the format, or RAW.
        media_type: what it is sent and served as.
        extensions: lower case with their dots, the usual one first. A scan looks for these.
        signatures: how such a file may begin. Kinds that are built alike have the same.
        brands: for ISO base media files, the brands of this kind.
        is_shown_by_browsers: True if every browser shows it; the rest are offered as files.
        vague_extensions: also possible, but too many other files have them for a scan to look for them.
        most_bytes: a file of this kind that is larger is refused before it is read, unless the limit is raised.
    """

    name: str
    media_type: str
    extensions: tuple[str, ...]
    signatures: tuple[Signature, ...] = ()
    brands: frozenset[bytes] = frozenset()
    is_shown_by_browsers: bool = False
    vague_extensions: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES

    @property
    def usual_extension(self) -> str:
        """What the name of such a file ends in, with the dot."""
        return (self.extensions + self.vague_extensions)[0]


def _begins_with(*beginnings: bytes) -> tuple[Signature, ...]:
    return tuple(((0, beginning),) for beginning in beginnings)


_WEBP: Final = (((0, b"RIFF"), (8, b"WEBP")),)
_BMP: Final = (((0, b"BM"), (15, bytes(3))),)  # the upper bytes of its header's length
_TIFF: Final = _begins_with(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")  # the last two are BigTIFF
_JPEG2000: Final = _begins_with(b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")  # a file, a codestream
_JXL: Final = _begins_with(b"\x00\x00\x00\x0cJXL \r\n\x87\n", b"\xff\x0a")  # likewise
_CRW: Final = _begins_with(b"II\x1a\x00\x00\x00HEAPCCDR")
_RAF: Final = _begins_with(b"FUJIFILMCCD-RAW")
_ORF: Final = _begins_with(b"IIRO", b"IIRS", b"MMOR")
_RW2: Final = _begins_with(b"IIU\x00")
_X3F: Final = _begins_with(b"FOVb")
_MRW: Final = _begins_with(b"\x00MRM")

CONTAINER_BRANDS: Final = frozenset({b"mif1", b"msf1"})
"""Brands that say only that there are pictures; the compatible brands that follow say of which kind."""
_HEIF: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}) | CONTAINER_BRANDS
_AVIF: Final = frozenset({b"avif", b"avis"})

KINDS: Final = (
    FileKind("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), _begins_with(b"\xff\xd8\xff"),
             is_shown_by_browsers=True),
    FileKind("PNG", "image/png", (".png",), _begins_with(b"\x89PNG\r\n\x1a\n"), is_shown_by_browsers=True),
    FileKind("GIF", "image/gif", (".gif",), _begins_with(b"GIF87a", b"GIF89a"), is_shown_by_browsers=True),
    FileKind("WEBP", "image/webp", (".webp",), _WEBP, is_shown_by_browsers=True),
    FileKind("AVIF", "image/avif", (".avif",), brands=_AVIF, is_shown_by_browsers=True),
    FileKind("HEIF", "image/heic", (".heic", ".heif", ".hif"), brands=_HEIF),
    FileKind("JXL", "image/jxl", (".jxl",), _JXL),
    FileKind("JPEG2000", "image/jp2", (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"), _JPEG2000),
    FileKind("BMP", "image/bmp", (".bmp",), _BMP, is_shown_by_browsers=True, vague_extensions=(".dib",)),
    FileKind("TIFF", "image/tiff", (".tif", ".tiff"), _TIFF, most_bytes=MOST_TIFF_BYTES),
    FileKind("RAW", "image/x-adobe-dng", (".dng",), _TIFF),
    FileKind("RAW", "image/x-canon-cr2", (".cr2",), _TIFF),
    FileKind("RAW", "image/x-canon-cr3", (".cr3",), brands=frozenset({b"crx "})),
    FileKind("RAW", "image/x-canon-crw", (".crw",), _CRW),
    FileKind("RAW", "image/x-fuji-raf", (".raf",), _RAF),
    FileKind("RAW", "image/x-kodak-kdc", (".kdc",), _TIFF),
    FileKind("RAW", "image/x-nikon-nef", (".nef",), _TIFF),
    FileKind("RAW", "image/x-olympus-orf", (".orf",), _ORF),
    FileKind("RAW", "image/x-panasonic-rw2", (".rw2",), _RW2),
    FileKind("RAW", "image/x-pentax-pef", (".pef",), _TIFF),
    FileKind("RAW", "image/x-sony-arw", (".arw",), _TIFF),
    FileKind("RAW", "image/x-dcraw", (".x3f",), _X3F),
    FileKind("RAW", "image/x-dcraw", (".mrw",), _MRW),
    FileKind("RAW", "image/x-dcraw", (".rwl",), _RW2),
    FileKind("RAW", "image/x-dcraw", (".3fr", ".dcr", ".erf", ".nrw", ".sr2", ".srf", ".srw"), _TIFF),
    FileKind("RAW", "image/x-dcraw", (), _TIFF + _CRW + _RAF + _ORF + _RW2 + _X3F + _MRW, vague_extensions=(".raw",)),
)  # fmt: skip
"""Of kinds that begin alike, `kind_of` gives the first.

Source:
    ITU-T T.81 B.1.1.3 (JPEG), W3C PNG 5.2, GIF89a, RFC 9649 (WebP), AVIF 1.1 section 6, ISO/IEC 23008-12 (HEIF
    brands), ISO/IEC 18181 (JPEG XL), ISO/IEC 15444-1 (JPEG 2000), TIFF 6.0 section 2; for RAW files the first bytes
    LibRaw goes by. Media types: IANA's registry, and for RAW files shared-mime-info.
"""

PHOTO_EXTENSIONS: Final = frozenset(extension for kind in KINDS for extension in kind.extensions)
"""A file with another extension is never opened."""
RAW_EXTENSIONS: Final = frozenset(extension for kind in KINDS if kind.name == "RAW" for extension in kind.extensions)
"""Cameras' RAW files."""

JPEG_EXTENSIONS: Final = frozenset(extension for kind in KINDS if kind.name == "JPEG" for extension in kind.extensions)
HEIF_EXTENSIONS: Final = frozenset(extension for kind in KINDS if kind.name == "HEIF" for extension in kind.extensions)
VIDEO_EXTENSIONS: Final = frozenset({".mov", ".mp4", ".m4v"})
"""Videos that may belong to a photo, as that of a Live Photo does. They are never opened as photos, like all videos."""
SIDECAR_EXTENSION: Final = ".xmp"
"""Of a file beside a photo with what a program has noted about it: `IMG_1.xmp`, or `IMG_1.jpg.xmp`."""

_GIT_LFS_POINTER: Final = b"version https://git-lfs"


def kind_of(head: bytes) -> FileKind | None:
    """Find out a file's kind by its first bytes.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of a shorter one.

    Returns:
        The kind; None if it is none that is read. A RAW file that is built on TIFF is TIFF.
    """
    for kind in KINDS:
        if any(_has(head, signature) for signature in kind.signatures):
            return kind
    return _kind_of_brands(head) if head[4:8] == b"ftyp" else None


def _has(head: bytes, signature: Signature) -> bool:
    return all(head.startswith(part, offset) for offset, part in signature)


def _kind_of_brands(head: bytes) -> FileKind | None:
    """The file's own brand counts first; if that only names a container, the compatible brands decide."""
    end = min(len(head), int.from_bytes(head[:4], "big"))
    own, compatible = head[8:12], {head[start : start + 4] for start in range(16, end - 3, 4)}
    for brands in ({own} - CONTAINER_BRANDS, {own} | compatible):
        for kind in KINDS:
            if kind.brands & brands:
                return kind
    return None


def extension_of(name: str) -> str:
    """The extension in lower case with its dot, or the empty string."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def fitting_extensions(kind: FileKind) -> tuple[str, ...]:
    """The extensions of all kinds whose files may begin as this kind does, this kind's usual one first."""
    alike = [other for other in KINDS if other is kind or not set(other.signatures).isdisjoint(kind.signatures)]
    alike.sort(key=lambda other: other is not kind)
    return tuple(extension for other in alike for extension in other.extensions + other.vague_extensions)


def kind_named(name: str, extension: str = "") -> FileKind:
    """The kind of this name that has an extension; the last of that name, which is the most general, if none has it."""
    named = [kind for kind in KINDS if kind.name == name]
    return next((kind for kind in named if extension in kind.extensions), named[-1])


def require_photo(head: bytes) -> None:
    """Make sure the first bytes of a file are those of a picture.

    Args:
        head: at least `HEAD_BYTES` of them, or all there are.

    Raises:
        NotAPhoto: they are not; the message says what they look like.
    """
    if kind_of(head) is None:
        raise NotAPhoto(f"is not a photo: {_looks_like(head)}")


def _looks_like(head: bytes) -> str:
    if not head:
        return "the file is empty. Copy it again from the camera."
    if head.startswith(_GIT_LFS_POINTER):
        return "it is a Git LFS pointer. Fetch the real file with `git lfs pull`."
    if not any(head):
        return "it begins with zeros, as a copy that was cut off does. Copy it again from the camera."
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        beginning = head[:24].decode("ascii").split("\n", maxsplit=1)[0].strip()
        return f"it is text (it begins with {beginning!r}). Rename it or move it away."
    return f"its first bytes ({head[:8].hex(' ')}) are no picture's. Rename it or move it away."


def shown_beginning(head: bytes) -> str:
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
