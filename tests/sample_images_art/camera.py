"""The camera that took the sample pictures: turns pixels into a file as a camera would write it."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2
from sample_images_art.canvas import Bytes
from sample_images_art.icc import display_p3

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
STORED_TURN = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""How an upright picture lies in a file with this EXIF orientation."""


@dataclass(frozen=True)
class Shot:
    """What the camera noted about one picture.

    Attributes:
        file: path inside the card, `DCIM/100PHOTO/IMG_0001.JPG`.
        scene: `module.function` that draws it.
        size: width and height of the upright picture [px].
        taken: EXIF date and time.
        offset: zone of `taken`, `+02:00`.
        caption: what is to be seen.
        lens: name of the lens.
        focal_mm: focal length.
        f_number: aperture.
        exposure: exposure time as a fraction [s].
        iso: sensitivity.
        quality: of the encoder, 1 to 95.
        subsec: fraction of the second, digits only, or None.
        orientation: EXIF orientation; 1 is upright.
        position: degrees north and east, and metres, or None.
        owned: whether serial number and owner are written.
        wide_gamut: whether the pixels are Display P3.
    """

    file: str
    scene: str
    size: tuple[int, int]
    taken: str
    caption: str
    lens: str
    focal_mm: int
    f_number: float
    exposure: tuple[int, int]
    iso: int
    quality: int = 80
    offset: str = "+02:00"
    subsec: str | None = None
    orientation: int = 1
    position: tuple[float, float, int] | None = None
    owned: bool = False
    wide_gamut: bool = False


def exif_of(shot: Shot) -> Image.Exif:
    """The shot's notes as EXIF 2.32."""
    exif = Image.Exif()
    exif.update({0x010E: shot.caption, 0x010F: "Photopipe", 0x0110: "Sample Camera", 0x0112: shot.orientation})
    exif.update({0x0132: shot.taken, 0x013B: "Photopipe samples", 0x8298: "CC0"})
    notes: dict[int, Any] = exif.get_ifd(EXIF_IFD)
    notes |= {0x9000: b"0232", 0x9003: shot.taken, 0x9004: shot.taken, 0x9010: shot.offset, 0x9011: shot.offset}
    notes |= {0x829A: IFDRational(*shot.exposure), 0x829D: IFDRational(round(shot.f_number * 10), 10), 0x8827: shot.iso}
    notes |= {0x920A: IFDRational(shot.focal_mm, 1), 0xA434: shot.lens, 0xA001: 0xFFFF if shot.wide_gamut else 1}
    if shot.subsec:
        notes[0x9291] = shot.subsec
    if shot.owned:
        notes |= {0xA430: "Robin Sample", 0xA431: "PP-000042"}
    if shot.position:
        exif.get_ifd(GPS_IFD).update(gps_of(shot.position))
    return exif


def gps_of(position: tuple[float, float, int]) -> dict[int, Any]:
    """A place as an EXIF GPS directory: degrees, minutes, seconds, and metres above the sea."""
    north, east, altitude_m = position
    return {
        0: b"\x02\x03\x00\x00",
        1: "N" if north >= 0 else "S",
        2: sexagesimal(abs(north)),
        3: "E" if east >= 0 else "W",
        4: sexagesimal(abs(east)),
        5: b"\x00",
        6: IFDRational(altitude_m, 1),
    }


def sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and hundredths of seconds."""
    hundredths = round(degrees * 360_000)
    whole, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6000)
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(seconds, 100)


def save(shot: Shot, pixels: Bytes, folder: Path) -> Path:
    """Writes the upright pixels as the shot's file.

    Args:
        shot: how and as what.
        pixels: height x width x 3 or 4.
        folder: where the card's content goes; folders are made as needed.

    Returns:
        the file.
    """
    path = folder / shot.file
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if shot.orientation != 1:
        image = image.transpose(STORED_TURN[shot.orientation])
    if path.suffix == ".TIF":
        save_tiff(path, image, exif_of(shot))
        return path
    options: dict[str, Any] = {"exif": exif_of(shot)}
    if shot.wide_gamut:
        options["icc_profile"] = display_p3()
    image.save(path, **(options | encoder_options(path.suffix, shot.quality)))
    return path


def save_tiff(path: Path, image: Image.Image, exif: Image.Exif) -> None:
    """Writes a deflated RGB TIFF with its EXIF directory, which Pillow drops when libtiff compresses.

    Source: TIFF 6.0 section 14 (predictor 2: each sample less its left neighbour) and Adobe's deflate (8).
    """
    pixels = np.asarray(image)
    pixels = np.concatenate([pixels[:, :1], pixels[:, 1:] - pixels[:, :-1]], axis=1)
    data = zlib.compress(pixels.tobytes(), 9)
    directory = ImageFileDirectory_v2()
    for tag, value in exif.items():
        directory[tag] = value
    directory[EXIF_IFD] = dict(exif.get_ifd(EXIF_IFD))
    layout = {256: image.width, 257: image.height, 258: (8, 8, 8), 259: 8, 262: 2, 277: 3, 278: image.height, 317: 2}
    for number, value in (layout | {273: 0, 279: len(data)}).items():
        directory[number] = value
    with path.open("wb") as file:
        directory.save(file)
        file.write(data)


def encoder_options(kind: str, quality: int) -> dict[str, Any]:
    """How each format is written small; `kind` is the file's ending, upper case."""
    options: dict[str, dict[str, Any]] = {
        ".JPG": {"format": "JPEG", "quality": quality, "optimize": True, "progressive": True},
        ".PNG": {"format": "PNG", "optimize": True},
        ".WEBP": {"format": "WEBP", "quality": quality, "method": 6},
        ".HEIC": {"format": "HEIF", "quality": quality},
    }
    return options[kind]
