"""The metadata that is kept, and what must not be."""

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational
from support.photos import downloaded, sent
from support.pictures import camera_exif, make_jpeg, picture, raw_exif

from photopipe.photo import ResizedPhoto
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=64, max_height_px=64)
SECRET = "MARK-7Q3Z"  # written wherever something private could hide
MAIN = {271: "Acme", 272: "Shooter 3", 306: "2024:05:02 08:00:00", 315: "Ann Example", 33432: "(c) Ann", 270: "A hill"}
DETAIL: dict[int, Any] = {
    36867: "2024:05:01 12:33:10",
    36868: "2024:05:01 12:33:11",
    36880: "+01:00",
    36881: "+02:00",
    36882: "+03:00",
    37520: "111",
    37521: "25",
    37522: "333",
    33434: IFDRational(1, 250),
    33437: IFDRational(28, 10),
    34850: 2,
    34855: 400,
    37380: IFDRational(-1, 3),
    37383: 5,
    37385: 16,
    37386: IFDRational(50, 1),
    37510: b"ASCII\0\0\0a remark",
    41987: 0,
    41989: 75,
    42035: "Glassworks",
    42036: "50mm f/1.8",
}


def full_exif() -> Image.Exif:
    exif = Image.Exif()
    for tag, value in MAIN.items():
        exif[tag] = value
    exif[305] = "Software " + SECRET
    exif[274] = 1
    detail = exif.get_ifd(0x8769)
    detail.update(DETAIL)
    detail.update({42032: "Owner " + SECRET, 42033: "Body " + SECRET, 42037: "Lens " + SECRET})
    detail[37500] = b"MakerNote " + SECRET.encode()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 30.0), 18: "Datum " + SECRET, 29: "2024:05:01"})
    return exif


def save(path: Path, exif: Image.Exif | bytes) -> ResizedPhoto:
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    info = PngInfo()
    info.add_text("Comment", SECRET)
    options: dict[str, dict[str, Any]] = {
        ".jpg": {"xmp": xmp, "comment": SECRET},
        ".webp": {"xmp": xmp},
        ".png": {"pnginfo": info},
        ".tif": {},
        ".heic": {"xmp": xmp},
    }
    block = exif.tobytes() if isinstance(exif, Image.Exif) else exif
    picture((96, 64)).save(path, exif=block, **options[path.suffix])
    assert SECRET.encode() in path.read_bytes(), "the test must be able to fail"
    return resize(downloaded(path), SETTINGS)


def exif_of(result: ResizedPhoto) -> tuple[Image.Exif, dict[int, Any]]:
    with Image.open(io.BytesIO(sent(result)), formats=["JPEG"]) as image:
        exif = image.getexif()
        return exif, exif.get_ifd(0x8769)


NAMES = ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic"]


@pytest.mark.parametrize("name", NAMES)
def test_dates_camera_and_author_are_kept(tmp_path: Path, name: str) -> None:
    result = save(tmp_path / name, full_exif())
    main, detail = exif_of(result)
    assert {tag: main.get(tag) for tag in MAIN} == MAIN
    assert {tag: detail.get(tag) for tag in DETAIL} == DETAIL
    assert detail[40961] == 1
    assert result.rendition.taken_at == "2024-05-01T12:33:10.250+02:00"
    assert result.rendition.warnings == ()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_private_is_in_the_bytes(tmp_path: Path, name: str) -> None:
    result = save(tmp_path / name, full_exif())
    main, detail = exif_of(result)
    assert SECRET.encode() not in sent(result)
    assert set(main) - {34665} == set(MAIN)
    assert set(detail) - {36864, 40961} == set(DETAIL)
    assert dict(main.get_ifd(0x8825)) == {}
    assert dict(main.get_ifd(1)) == {}


def test_a_photo_without_exif_gets_none(tmp_path: Path) -> None:
    result = resize(downloaded(make_jpeg(tmp_path / "a.jpg")), SETTINGS)
    assert b"Exif" not in sent(result)
    assert result.rendition.taken_at_from == "file_date"
    assert result.rendition.warnings == ()


def test_the_old_thumbnail_is_dropped(tmp_path: Path) -> None:
    exif = full_exif()
    thumbnail = b"\xff\xd8 thumbnail " + SECRET.encode()
    exif._ifds[1] = {513: 0, 514: len(thumbnail)}
    result = save(tmp_path / "a.jpg", exif.tobytes() + thumbnail)
    assert SECRET.encode() not in sent(result)
    assert exif_of(result)[0].get(272) == "Shooter 3"


@pytest.mark.parametrize("artist", ["José Müller", "写真家"])
def test_characters_beyond_ascii_keep_their_bytes(tmp_path: Path, artist: str) -> None:
    value = artist.encode() + b"\0"
    block = raw_exif([(315, 2, len(value), value)])
    make_jpeg(tmp_path / "a.jpg", exif=block)
    result = resize(downloaded(tmp_path / "a.jpg"), SETTINGS)
    assert value in sent(result)
    assert result.rendition.warnings == ()


def test_padding_of_texts_is_dropped(tmp_path: Path) -> None:
    make_jpeg(tmp_path / "a.jpg", exif=raw_exif([(271, 2, 14, b"ACME CORP   \0\0")]))
    main, _ = exif_of(resize(downloaded(tmp_path / "a.jpg"), SETTINGS))
    assert main[271] == "ACME CORP"


def test_entries_stand_in_ascending_order_as_tiff_demands(tmp_path: Path) -> None:
    data = sent(save(tmp_path / "a.jpg", full_exif()))
    tiff = data[data.index(b"Exif\0\0") + 6 :]
    main = tags_at(tiff, 8)
    assert main == sorted(main)
    pointer = struct.unpack_from("<I", tiff, 10 + 12 * main.index(34665) + 8)[0]
    assert tags_at(tiff, pointer) == sorted([*DETAIL, 36864, 40961])


def tags_at(tiff: bytes, offset: int) -> list[int]:
    (count,) = struct.unpack_from("<H", tiff, offset)
    return [struct.unpack_from("<H", tiff, offset + 2 + 12 * entry)[0] for entry in range(count)]


def test_signed_and_unsigned_fractions_keep_their_types(tmp_path: Path) -> None:
    result = save(tmp_path / "a.jpg", full_exif())
    assert struct.pack("<HHI", 37380, 10, 1) in sent(result), "ExposureBiasValue is an SRATIONAL"
    assert struct.pack("<HHI", 33437, 5, 1) in sent(result), "FNumber is a RATIONAL"
    assert struct.pack("<HHI", 37510, 7, 16) in sent(result), "UserComment is UNDEFINED"


def test_values_of_the_wrong_kind_cost_a_warning_and_only_themselves(tmp_path: Path) -> None:
    exif = full_exif()
    exif.get_ifd(0x8769).update({33437: "f/2.8", 41989: -5, 37386: b"\0\1", 42036: 3.5})
    result = save(tmp_path / "a.jpg", exif)
    main, detail = exif_of(result)
    assert result.rendition.warnings == (
        "the metadata could not be kept: FNumber, FocalLength, FocalLengthIn35mmFilm, LensModel",
    )
    assert main[272] == "Shooter 3"
    assert detail[36867] == "2024:05:01 12:33:10"
    assert result.rendition.taken_at == "2024-05-01T12:33:10.250+02:00"


def test_metadata_too_long_for_a_jpeg_leaves_the_dates(tmp_path: Path) -> None:
    exif = camera_exif()
    exif.get_ifd(0x8769)[37510] = bytes(70_000)
    picture((96, 64)).save(tmp_path / "a.png", exif=exif)
    result = resize(downloaded(tmp_path / "a.png"), SETTINGS)
    main, detail = exif_of(result)
    assert detail[36867] == "2024:05:01 12:33:10"
    assert 271 not in main
    assert result.rendition.warnings == ("the metadata could not be kept: all but the dates, because it is too long",)


@pytest.mark.parametrize(
    "block", [b"Exif\0\0garbage all over", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\x7f"]
)
def test_broken_exif_never_fails_the_photo(tmp_path: Path, block: bytes) -> None:
    make_jpeg(tmp_path / "a.jpg", exif=block)
    result = resize(downloaded(tmp_path / "a.jpg"), SETTINGS)
    assert result.rendition.width_px == 64
    assert result.rendition.taken_at_from == "file_date"


def test_exif_that_is_none_costs_a_warning(tmp_path: Path) -> None:
    make_jpeg(tmp_path / "a.jpg", exif=b"Exif\0\0garbage all over")
    (warning,) = resize(downloaded(tmp_path / "a.jpg"), SETTINGS).rendition.warnings
    assert warning.startswith("the metadata could not be kept: ")
    assert " at 0x" not in warning


def test_a_value_beyond_the_end_leaves_the_rest(tmp_path: Path) -> None:
    block = raw_exif([(271, 2, 5000, struct.pack("<I", 60_000)), (272, 2, 4, b"Abc\0")])
    make_jpeg(tmp_path / "a.jpg", exif=block)
    result = resize(downloaded(tmp_path / "a.jpg"), SETTINGS)
    assert exif_of(result)[0].get(272) == "Abc"
