"""What is lost of a file besides the one picture that is taken: further frames, HDR, videos; in stable sentences."""

import io
import os
from typing import BinaryIO, Final

from PIL import Image

from photopipe.photo import GAIN_MAP_LOST, HDR_CURVE_LOST, VIDEO_LOST
from photopipe.resize.colour.code_points import CodePoints, avif_code_points, png_code_points
from photopipe.resize.containers.iso_boxes import boxes
from photopipe.resize.containers.tiff_directory import directories
from photopipe.resize.raw.raw_tiff import pages

HDR_LOST: Final = frozenset({GAIN_MAP_LOST, HDR_CURVE_LOST})
"""The losses that `--hdr original` avoids."""
HDR_TRANSFERS: Final = frozenset({16, 18})
"""PQ and HLG. Source: ITU-T H.273, table 3."""
GAIN_MAP_WORDS: Final = (
    b"hdrgm:Version",
    b"hdr-gain-map",
    b"hdrgainmap",
    b"HDRGainMap",
    b'Semantic="GainMap"',
    b"urn:iso:std:iso:ts:21496",
)
"""Source: Ultra HDR image format v1.1 (hdrgm, GContainer), Apple's auxiliary types, ISO 21496-1."""
MOTION_WORDS: Final = (
    b'MotionPhoto="1"',
    b"MotionPhoto>1<",
    b'MicroVideo="1"',
    b"MicroVideo>1<",
    b'Semantic="MotionPhoto"',
)
"""Source: Motion photo format 1.0 (Camera namespace), and the MicroVideo that came before it."""
END_OF_JPEG: Final = b"\xff\xd9"
TAIL_BYTES: Final = 16 << 20
"""Videos of motion photos have 1 to 8 MB. Only files that do not end as a JPEG does are searched for one."""
PICTURE_HEAD_BYTES: Final = 64 << 10
MOST_PICTURES: Final = 8
MANY_FRAMES_BYTES: Final = 32 << 20
"""Counting the frames of a GIF takes reading all of it."""
MP_ENTRIES: Final = 45058
"""Source: CIPA DC-007 (Multi-Picture Format), MPEntry."""


def losses(image: Image.Image, kind: str, file: BinaryIO) -> tuple[str, ...]:
    """Name what will be lost.

    Args:
        image: opened, not loaded.
        kind: as `kind_of` gave it.
        file: where the image came from; its position is left as it was.

    Returns:
        One sentence for each: further frames or pictures, an HDR gain map, a motion photo's video.
    """
    position = file.tell()
    lost = [*_frames(image, kind, file), *loses_more_than_frames(image, kind, file)]
    file.seek(position)
    return tuple(lost)


def loses_more_than_frames(image: Image.Image, kind: str, file: BinaryIO) -> tuple[str, ...]:
    """As `losses`, but without further frames or pictures; moves the file's position."""
    packet = image.info.get("xmp")
    xmp, lost = packet if isinstance(packet, bytes) else b"", []
    if _any(GAIN_MAP_WORDS, xmp) or GAIN_MAP_FINDERS.get(kind, _never)(image, file):
        lost.append(GAIN_MAP_LOST)
    if _has_hdr_curve(image, kind, file):
        lost.append(HDR_CURVE_LOST)
    if _any(MOTION_WORDS, xmp) or VIDEO_FINDERS.get(kind, _never)(image, file):
        lost.append(VIDEO_LOST)
    return tuple(lost)


def _frames(image: Image.Image, kind: str, file: BinaryIO) -> tuple[str, ...]:
    if kind in ("JPEG", "RAW"):  # the second picture of an MPO is a preview, or the view of the other eye
        return ()
    if kind == "GIF" and file.seek(0, os.SEEK_END) > MANY_FRAMES_BYTES:
        return ("only the first of several frames is kept",) if getattr(image, "is_animated", False) else ()
    frames = pages(file) if kind == "TIFF" and not _is_big(file) else getattr(image, "n_frames", 1)
    if frames <= 1:
        return ()
    return (f"only the {'main' if kind == 'HEIF' else 'first'} of {frames} {PLURALS.get(kind, 'frames')} is kept",)


PLURALS: Final = {"HEIF": "pictures"}


def _is_big(file: BinaryIO) -> bool:
    file.seek(2)
    return b"+" in file.read(2)


def _any(words: tuple[bytes, ...], text: bytes) -> bool:
    return any(word in text for word in words)


def _never(_image: Image.Image, _file: BinaryIO) -> bool:
    return False


def _jpeg_gain_map(image: Image.Image, file: BinaryIO) -> bool:
    segments = getattr(image, "applist", [])
    if any(_any(GAIN_MAP_WORDS, content[:256]) for name, content in segments if name == "APP2"):
        return True
    return any(_any(GAIN_MAP_WORDS, head) for head in _further_pictures(image, file))


def _further_pictures(image: Image.Image, file: BinaryIO) -> list[bytes]:
    """The first bytes of the pictures that the file's MPF segment points to."""
    block, origin = image.info.get("mp"), image.info.get("mpoffset")
    if not isinstance(block, bytes) or not isinstance(origin, int):
        return []
    index = io.BytesIO(block)
    first = next(directories(index, with_sub=False), None)
    if first is None or MP_ENTRIES not in first.entries:
        return []
    _, length, offset = first.entries[MP_ENTRIES]
    heads = []
    for entry in range(1, min(length // 16, MOST_PICTURES)):
        at = offset + 16 * entry + 8
        start = int.from_bytes(block[at : at + 4], "little" if first.order == "<" else "big")
        file.seek(origin + start)
        heads.append(file.read(PICTURE_HEAD_BYTES))
    return heads


def _jpeg_video(_image: Image.Image, file: BinaryIO) -> bool:
    """Look for an MP4 after the picture. A file that ends with the end marker of a JPEG is not searched."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 64))
    if file.read(64).rstrip(b"\0").endswith(END_OF_JPEG):
        return False
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read(TAIL_BYTES)
    end = tail.find(END_OF_JPEG)
    at = tail.find(b"ftyp", end) if end >= 0 else -1
    while at >= 0:
        if 8 <= int.from_bytes(tail[at - 4 : at], "big") <= 512:
            return True
        at = tail.find(b"ftyp", at + 1)
    return False


def _heif_gain_map(image: Image.Image, file: BinaryIO) -> bool:
    auxiliary = image.info.get("aux")
    types = auxiliary if isinstance(auxiliary, dict) else {}
    return any(_any(GAIN_MAP_WORDS, str(name).encode()) for name in types) or _tone_mapped(image, file)


def _tone_mapped(_image: Image.Image, file: BinaryIO) -> bool:
    """True if the file has an item that combines two pictures into an HDR one. Source: ISO/IEC 23008-12, `tmap`."""
    for kind, start, end in boxes(file):
        if kind == b"meta":
            file.seek(start)
            return b"infe" in (items := file.read(min(end - start, PICTURE_HEAD_BYTES))) and b"tmap" in items
    return False


def _boxed_video(_image: Image.Image, file: BinaryIO) -> bool:
    """True if a motion photo's video is in a box of its own. Source: Motion photo format 1.0, HEIC."""
    return any(kind == b"mpvd" for kind, _, _ in boxes(file))


def _has_hdr_curve(image: Image.Image, kind: str, file: BinaryIO) -> bool:
    """True if the file declares an HDR transfer curve (PQ or HLG)."""
    named = image.info.get("nclx_profile")  # as pillow-heif names what libheif found
    points: CodePoints | None = None
    if kind == "PNG":
        points = png_code_points(file)
    elif kind == "AVIF":
        points = avif_code_points(file)
    elif isinstance(named, dict):
        return named.get("transfer_characteristics") in HDR_TRANSFERS
    return points is not None and points.transfer in HDR_TRANSFERS


GAIN_MAP_FINDERS: Final = {"JPEG": _jpeg_gain_map, "HEIF": _heif_gain_map, "AVIF": _tone_mapped}
VIDEO_FINDERS: Final = {"JPEG": _jpeg_video, "HEIF": _boxed_video, "AVIF": _boxed_video}
