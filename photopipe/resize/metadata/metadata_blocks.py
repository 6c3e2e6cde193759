"""Where each format keeps its metadata: from a picture to the raw blocks."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import Image, TiffImagePlugin

from photopipe.resize.metadata.iptc import iptc_of_resources

LOST: Final = "\0lost"
"""Where an opener leaves word in `Image.info`; no keyword of a PNG can have this name."""
IPTC_RESOURCE: Final = 0x0404
IPTC_TAG: Final = 33723
PHOTOSHOP_TAG: Final = 34377
HEX_HEAD_LINES: Final = 3
"""ImageMagick's `Raw profile type` texts begin with an empty line, the type and the length."""
TEXT_NAMES: Final = ("Title", "Author", "Description", "Copyright")
"""Texts of a PNG that say what other families say too. Source: PNG (W3C, third edition), 11.3.3.1."""


@dataclass(frozen=True, slots=True)
class MetadataBlocks:
    """The blocks of a picture as they are; each is empty if there is none.

    Attributes:
        xmp: the XMP packet.
        iptc: the IPTC-IIM datasets.
        comment: a JPEG's, GIF's or PNG's comment.
        texts: a PNG's other texts by keyword.
        lost: names of the blocks that could not be found because their wrapping is broken.
    """

    xmp: bytes = b""
    iptc: bytes = b""
    comment: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


def find_blocks(image: Image.Image) -> MetadataBlocks:
    """Find everything but EXIF in a picture.

    Args:
        image: a loaded picture, because a PNG's texts may stand behind its pixels.

    Returns:
        Its blocks.
    """
    opener_lost = image.info.get(LOST)
    lost = [opener_lost] if isinstance(opener_lost, str) else []
    return MetadataBlocks(
        xmp=xmp_of(image),
        iptc=_iptc(image, lost),
        comment=_comment(image.info),
        texts={name: str(image.info[name]) for name in TEXT_NAMES if isinstance(image.info.get(name), str)},
        lost=tuple(lost),
    )


def exif_of(image: Image.Image) -> Image.Exif:
    """The picture's EXIF.

    Pillow's `getexif` adds an orientation that it found in XMP, and raises on a broken block only when it is asked
    first; here only the EXIF itself speaks, and always raises.

    Args:
        image: a picture; a TIFF's file must be open or its pixels loaded.

    Raises:
        Exception: whatever Pillow raises on a broken block.
    """
    block = image.info.get("exif")
    if not isinstance(block, bytes):
        profile = image.info.get("Raw profile type exif")
        block = _unhexed(profile) if isinstance(profile, str) else b""
    if not block and isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.getexif()
    exif = Image.Exif()
    exif.load(block)
    return exif


def xmp_of(image: Image.Image) -> bytes:
    """The picture's XMP packet; empty if there is none.

    Args:
        image: a picture.
    """
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
    except Exception:  # noqa: BLE001 - broken wrapping must not cost the photo, and a TIFF's tags raise anything
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
