"""What the embedded gallery shows of a picture file: its size, and what its header says about the photo."""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from photopipe.resize.capture_time.camera_clock import camera_name
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.input.picture import Opened, open_picture
from photopipe.resize.metadata.exif_block import RATIONAL
from photopipe.resize.metadata.exif_fields import ExifFields
from photopipe.resize.metadata.metadata import read_known
from photopipe.resize.metadata.xmp_names import CAPTION, KEYWORDS, TITLE
from photopipe.resize.metadata.xmp_read import texts
from photopipe.resize.pixels.fit import QUARTER_TURNED
from photopipe.settings import ResizeSettings

LONGEST_TEXT: Final = 2000
"""Characters of a caption; a page has room for no more."""
MOST_KEYWORDS: Final = 100


@dataclass(frozen=True, slots=True)
class PictureDetails:
    """What a picture file says of itself; the defaults mean that it does not say.

    Attributes:
        width_px: width of the upright picture.
        height_px: height of the upright picture.
        taken_at: capture time, `2025-10-03T12:33:10[.sss][+02:00]`, or None.
        title: as a person wrote it.
        caption: likewise.
        keywords: likewise.
        camera: make and model.
        lens: model.
        exposure_s: exposure time, or None.
        f_number: aperture, 2.8 for f/2.8, or None.
        iso: sensitivity, or None.
        focal_length_mm: or None.
    """

    width_px: int = 0
    height_px: int = 0
    taken_at: str | None = None
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    camera: str = ""
    lens: str = ""
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


def read_picture_details(file: BinaryIO) -> PictureDetails:
    """Read the header of a picture file; no pixel is decoded.

    Args:
        file: its position is moved.

    Raises:
        ResizeError: it is not a picture that can be read here.
    """
    settings = ResizeSettings()
    with refusing_bad_pictures():
        return _details(open_picture(file, settings), settings)


def _details(opened: Opened, settings: ResizeSettings) -> PictureDetails:
    known = read_known(opened.metadata, settings, private=False, lost=[])
    width_px, height_px = opened.shown
    if opened.metadata.orientation in QUARTER_TURNED:
        width_px, height_px = height_px, width_px
    exif, said = known.exif, known.properties
    return PictureDetails(
        width_px=width_px,
        height_px=height_px,
        taken_at=known.taken_at,
        title=_text(*texts(said.get(TITLE))),
        caption=_text(*texts(said.get(CAPTION)), exif.text("ImageDescription")),
        keywords=tuple(filter(None, map(_text, texts(said.get(KEYWORDS))[:MOST_KEYWORDS]))),
        camera=_text(camera_name(exif.text("Make"), exif.text("Model"))),
        lens=_text(exif.text("LensModel")),
        exposure_s=_ratio(exif, "ExposureTime"),
        f_number=_ratio(exif, "FNumber"),
        iso=exif.number("PhotographicSensitivity") or None,
        focal_length_mm=_ratio(exif, "FocalLength"),
    )


def _text(*candidates: str) -> str:
    """The first that says something, as text that can be stored and sent."""
    said = next((text for text in candidates if text.strip()), "")
    return said[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\0", "").strip()


def _ratio(exif: ExifFields, name: str) -> float | None:
    entry = exif.detail.get(name)
    if entry is None or entry.type != RATIONAL or len(entry.data) < 8:
        return None
    numerator, denominator = struct.unpack_from("<II", entry.data)
    return numerator / denominator if numerator and denominator else None
