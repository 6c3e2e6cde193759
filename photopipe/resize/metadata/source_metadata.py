"""What a file says about its picture, read once and passed on: EXIF, the other metadata blocks and the orientation.

Only this module knows where each format keeps its blocks. Which statement about the orientation counts:

1. HEIF, AVIF and JPEG XL: the container's. Its decoder has turned the pixels, or Pillow has put it in the place of
   EXIF's (AVIF). EXIF and XMP are only informative there (ISO/IEC 23008-12, ISO/IEC 18181-2).
2. TIFF: Pillow turns the pixels while it loads them, and gives the size of the turned picture before that.
3. Everything else: EXIF's, if it has the tag. A tag with a meaningless value counts as upright.
4. XMP's only where EXIF has no such tag, or there is no EXIF. Programs that turn the pixels reset EXIF and often
   forget the copy in XMP, so where both have one, XMP's may be stale; where only XMP has one, nobody has turned them.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from PIL import Image, TiffImagePlugin

from photopipe.found_photo import FoundPhoto
from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.iptc import iptc_of_resources
from photopipe.resize.metadata.xmp_names import ORIENTATION as XMP_ORIENTATION
from photopipe.resize.metadata.xmp_read import read_xmp, texts

LOST: Final = "\0lost"
"""Key in `Image.info` under which an opener says what it lost; no keyword of a PNG can have this name."""
ORIENTATION: Final = 274
UPRIGHT: Final = 1
IPTC_RESOURCE: Final = 0x0404
IPTC_TAG: Final = 33723
PHOTOSHOP_TAG: Final = 34377
HEX_HEAD_LINES: Final = 3
"""ImageMagick's `Raw profile type` texts begin with an empty line, the type and the length."""
TEXT_NAMES: Final = ("Title", "Author", "Description", "Copyright")
"""Texts of a PNG that have an equivalent in XMP. Source: PNG (W3C, third edition), 11.3.3.1."""


class Sidecar(NamedTuple):
    """An XMP file beside a photo.

    Attributes:
        name: the file's name.
        packet: its content; one byte too much if it is too long.
    """

    name: str
    packet: bytes


@dataclass(frozen=True, slots=True)
class SourceMetadata:
    """The metadata of a picture as its file has it; each part is empty if there is none.

    Attributes:
        orientation: how far the pixels are still to be turned, as an EXIF orientation, 1 to 8.
        exif: the EXIF, not to be changed. Pillow parses a value on access, and may raise anything on a broken one.
        xmp: the XMP packet.
        iptc: the IPTC-IIM datasets.
        comment: a JPEG's, GIF's or PNG's comment.
        texts: a PNG's other texts by keyword.
        lost: names of the blocks that cannot be read.
        sidecars: what is said beside the file, the best first.
        found: the file it is from; None if nothing is to be guessed from its name and date.
    """

    orientation: int = UPRIGHT
    exif: Image.Exif = field(default_factory=Image.Exif)
    xmp: bytes = b""
    iptc: bytes = b""
    comment: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    found: FoundPhoto | None = None


def read_source_metadata(image: Image.Image) -> SourceMetadata:
    """Read everything a picture's file says besides its pixels; what is broken is named in `lost` and never fatal.

    Args:
        image: an opened picture. Of a PNG, only what comes before the pixels is known until they are loaded.
    """
    opener_lost = image.info.get(LOST)
    lost = [opener_lost] if isinstance(opener_lost, str) else []
    iptc, exif, xmp = _iptc(image, lost), _exif(image, lost), _xmp(image)
    return SourceMetadata(
        orientation=_orientation(image, exif, xmp),
        exif=exif,
        xmp=xmp,
        iptc=iptc,
        comment=_comment(image.info),
        texts={name: str(image.info[name]) for name in TEXT_NAMES if isinstance(image.info.get(name), str)},
        lost=tuple(lost),
    )


def _exif(image: Image.Image, lost: list[str]) -> Image.Exif:
    try:
        exif = _exif_of(image)
    except Exception as error:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and it must not fail the photo
        lost.append(plain_reason(error))
        return Image.Exif()
    if image.info.get("exif") and not exif:
        lost.append("EXIF (no entry can be read)")
    return exif


def _exif_of(image: Image.Image) -> Image.Exif:
    """Parse the EXIF alone: Pillow's `getexif` adds an orientation that it finds in XMP, and hides broken blocks."""
    block = image.info.get("exif")
    if not isinstance(block, bytes):
        profile = image.info.get("Raw profile type exif")
        block = _unhexed(profile) if isinstance(profile, str) else b""
    if not block and isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.getexif()
    exif = Image.Exif()
    exif.load(block)
    return exif


def _orientation(image: Image.Image, exif: Image.Exif, xmp: bytes) -> int:
    if image.format in ("HEIF", "TIFF") or (image.format == "JXL" and not getattr(image, "jpeg", False)):
        return UPRIGHT
    try:
        if ORIENTATION in exif:
            return _sensible(exif[ORIENTATION])
    except Exception:  # noqa: BLE001 - broken EXIF counts as none
        return _xmp_orientation(image, xmp)
    return _xmp_orientation(image, xmp)


def _xmp_orientation(image: Image.Image, xmp: bytes) -> int:
    if image.format == "AVIF" or not xmp:
        return UPRIGHT
    try:
        found = texts(read_xmp(xmp).get(XMP_ORIENTATION))
    except Exception:  # noqa: BLE001 - broken XMP counts as none; the warning comes from elsewhere
        return UPRIGHT
    return int(found[0]) if found and found[0] in "12345678" and len(found[0]) == 1 else UPRIGHT


def _sensible(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and orientation in range(1, 9) else UPRIGHT


def _xmp(image: Image.Image) -> bytes:
    for key in ("xmp", "XML:com.adobe.xmp"):
        packet = image.info.get(key)
        if packet and isinstance(packet, (bytes, str)):
            return packet if isinstance(packet, bytes) else packet.encode("utf-8", "replace")
    profile = image.info.get("Raw profile type xmp")
    try:
        return _unhexed(profile) if isinstance(profile, str) else b""
    except ValueError:
        return b""


def _unhexed(profile: str) -> bytes:
    return bytes.fromhex("".join(profile.split("\n")[HEX_HEAD_LINES:]))


def _iptc(image: Image.Image, lost: list[str]) -> bytes:
    try:
        return _iptc_of(image)
    except Exception:  # noqa: BLE001 - broken wrapping must not fail the photo, and a TIFF's tags raise anything
        lost.append("IPTC")
        return b""


def _iptc_of(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    if isinstance(resources, dict):
        return bytes(resources.get(IPTC_RESOURCE, b""))
    profile = image.info.get("Raw profile type iptc")
    if isinstance(profile, str):
        block = _unhexed(profile)
        return iptc_of_resources(block) if block.startswith(b"8BIM") else block
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tag_bytes(image, IPTC_TAG) or iptc_of_resources(_tag_bytes(image, PHOTOSHOP_TAG))
    return b""


def _tag_bytes(image: TiffImagePlugin.TiffImageFile, tag: int) -> bytes:
    """A tag's bytes; Photoshop declares IPTC as numbers of four bytes."""
    value: Any = image.tag_v2.get(tag, b"")
    if isinstance(value, tuple) and all(isinstance(number, int) for number in value):
        return struct.pack(f"{'>' if image.tag_v2.prefix == b'MM' else '<'}{len(value)}I", *value)
    if isinstance(value, int):
        return struct.pack(">I" if image.tag_v2.prefix == b"MM" else "<I", value)
    return bytes(value)


def _comment(info: Mapping[Any, Any]) -> str:
    comment = info.get("comment") or info.get("Comment")
    if isinstance(comment, bytes):
        try:
            return comment.decode().strip("\0 \r\n")
        except UnicodeDecodeError:
            return comment.decode("latin-1").strip("\0 \r\n")
    return comment.strip() if isinstance(comment, str) else ""
