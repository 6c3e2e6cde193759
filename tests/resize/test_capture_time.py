"""The capture time, whether it comes from EXIF, XMP or IPTC."""

import io
import os
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image
from support.marked_photo import iptc, save_with, xmp
from support.photos import downloaded, sent
from support.pictures import camera_exif

from photopipe.photo import ResizedPhoto
from photopipe.resize.capture_time.guessed_time import guessed_time
from photopipe.resize.capture_time.taken_at import exif_clock
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings


def rendered(path: Path) -> ResizedPhoto:
    return resize(downloaded(path), ResizeSettings())


def written(result: ResizedPhoto) -> tuple[object, ...]:
    with Image.open(io.BytesIO(sent(result))) as image:
        detail = image.getexif().get_ifd(0x8769)
        return tuple(detail.get(tag) for tag in (36867, 37521, 36881))


@pytest.mark.parametrize(
    "attributes",
    [
        "exif:DateTimeOriginal='2024-05-01T12:33:10.25+02:00' photoshop:DateCreated='1999-01-01'",
        "photoshop:DateCreated='2024-05-01T12:33:10.25+02:00' xmp:CreateDate='1999-01-01'",
        "xmp:CreateDate='2024-05-01T12:33:10.25+02:00'",
        "exif:DateTimeOriginal='' photoshop:DateCreated='soon' xmp:CreateDate='2024-05-01T12:33:10.25+02:00'",
    ],
)
@pytest.mark.parametrize("taken", [None, "0000:00:00 00:00:00"])
@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.webp"])
def test_xmp_tells_the_time_that_exif_does_not(tmp_path: Path, name: str, taken: str | None, attributes: str) -> None:
    source = save_with(tmp_path / name, exif=camera_exif(taken=taken).tobytes(), xmp=xmp(attributes))
    result = rendered(source)
    assert result.rendition.taken_at == "2024-05-01T12:33:10.250+02:00"
    assert written(result) == ("2024:05:01 12:33:10", "25", "+02:00")


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.png"])
def test_iptc_tells_the_time_that_nobody_else_does(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / name, iptc=iptc((55, "20240501"), (60, "123310+0200")))
    result = rendered(source)
    assert result.rendition.taken_at == "2024-05-01T12:33:10+02:00"
    assert written(result) == ("2024:05:01 12:33:10", None, "+02:00")


def test_exif_counts_before_xmp_and_xmp_before_iptc(tmp_path: Path) -> None:
    packet, datasets = xmp("xmp:CreateDate='2001-01-01T01:01:01'"), iptc((55, "19990101"))
    source = save_with(tmp_path / "a.jpg", exif=camera_exif().tobytes(), xmp=packet, iptc=datasets)
    assert rendered(source).rendition.taken_at == "2024-05-01T12:33:10"
    source = save_with(tmp_path / "b.jpg", xmp=packet, iptc=datasets)
    assert rendered(source).rendition.taken_at == "2001-01-01T01:01:01"


def test_the_date_of_the_last_change_counts_only_when_nothing_else_is_known(tmp_path: Path) -> None:
    exif = camera_exif(taken=None)
    exif[306] = "2025:01:01 00:00:00"
    source = save_with(tmp_path / "a.jpg", exif=exif.tobytes(), xmp=xmp("photoshop:DateCreated='1968-07-02'"))
    assert rendered(source).rendition.taken_at == "1968-07-02T00:00:00"
    source = save_with(tmp_path / "b.jpg", exif=exif.tobytes())
    assert rendered(source).rendition.taken_at == "2025-01-01T00:00:00"


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("2024-05-01T12:33:10Z", ("2024:05:01 12:33:10", None, "+00:00")),
        ("2024-05-01T12:33-03:30", ("2024:05:01 12:33:00", None, "-03:30")),
        ("2024-05-01", ("2024:05:01 00:00:00", None, None)),
        ("20240501", ("2024:05:01 00:00:00", None, None)),
        ("20240501123310-0500", ("2024:05:01 12:33:10", None, "-05:00")),
        (" 2024-05-01T12:33:10.123456 ", ("2024:05:01 12:33:10", "123456", None)),
    ],
)
def test_dates_of_xmp_and_iptc_are_said_in_exifs_words(date: str, clock: tuple[str | None, ...]) -> None:
    texts = exif_clock(date)
    assert tuple(map(texts.get, ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"))) == clock


@pytest.mark.parametrize(
    "date",
    ["", "2024", "2024-05", "2024-13-01", "2024-02-30", "2024-05-01T25:00", "00000000", "yesterday", "0001-01-01"],
)
def test_a_date_without_a_day_or_sense_is_none(date: str) -> None:
    assert exif_clock(date) == {}


@pytest.mark.parametrize(
    ("name", "taken", "origin"),
    [
        ("IMG_20240501_123310.jpg", "2024-05-01T12:33:10", "file_name"),
        ("PXL_20240501_103310123.jpg", "2024-05-01T10:33:10.123+00:00", "file_name"),
        ("a.jpg", None, "file_date"),
    ],
)
def test_a_guess_is_said_to_be_one_and_never_written(tmp_path: Path, name: str, taken: str | None, origin: str) -> None:
    packet = xmp("xmp:Rating='4' photoshop:DateCreated='soon'")  # there is an XMP packet to write a time into
    path = save_with(tmp_path / name, exif=camera_exif(taken=None).tobytes(), xmp=packet)
    plain = save_with(tmp_path / "plain.jpg", exif=camera_exif(taken=None).tobytes(), xmp=packet)
    os.utime(path, (1_600_000_000.25, 1_600_000_000.25))
    for settings in (ResizeSettings(), ResizeSettings(metadata="keep"), ResizeSettings(metadata="none")):
        result = resize(downloaded(path), settings)
        assert result.rendition.taken_at_from == origin
        assert written(result) == (None, None, None)
        assert sent(result) == sent(resize(downloaded(plain), settings))
        moment = datetime.fromisoformat(result.rendition.taken_at or "")
        assert result.rendition.taken_at == taken or moment.timestamp() == 1_600_000_000.25
    original = resize(downloaded(path), ResizeSettings(original=True)).rendition
    assert (original.taken_at, original.taken_at_from) == (result.rendition.taken_at, origin)


@pytest.mark.parametrize(
    ("exif", "packet", "datasets", "origin"),
    [
        (camera_exif(), b"", b"", "exif"),
        (None, xmp("xmp:CreateDate='2001-01-01'"), iptc((55, "19990101")), "xmp"),
        (None, b"", iptc((55, "19990101")), "iptc"),
        (None, xmp("xmp:CreateDate='soon'"), iptc((55, "yesterday")), "file_name"),
    ],
)
def test_where_the_time_is_from_is_said(
    tmp_path: Path, exif: Image.Exif | None, packet: bytes, datasets: bytes, origin: str
) -> None:
    block = exif.tobytes() if exif else b""
    source = save_with(tmp_path / "IMG_20240501_123310.jpg", exif=block, xmp=packet, iptc=datasets)
    assert rendered(source).rendition.taken_at_from == origin


def test_a_date_of_a_file_that_no_calendar_reaches_is_none(tmp_path: Path) -> None:
    found = downloaded(save_with(tmp_path / "a.jpg")).found
    assert guessed_time(found._replace(mtime_ns=10**30), "", "", ResizeSettings()) == (None, None)
