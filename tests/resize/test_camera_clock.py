"""Cameras' clocks are corrected: the time zone is added, and the time shifted."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.marked_photo import said_by_exiftool, save_with, xmp
from support.photos import downloaded, found, sent
from support.pictures import camera_exif, make_jpeg

from photopipe.photo import ResizedPhoto
from photopipe.resize.capture_time.camera_clock import ClockCorrection
from photopipe.resize.facts import read_facts
from photopipe.resize.resize import resize, resize_all
from photopipe.settings import ResizeSettings

OSLO = ResizeSettings(camera_tz=(("shooter 3", "Europe/Oslo"),))
LATE = ResizeSettings(time_shift=(("*", 192),))
DATE, DIGITIZED, CHANGED = 36867, 36868, 306
OFFSET, OFFSET_DIGITIZED, OFFSET_CHANGED, FRACTION = 36881, 36882, 36880, 37521


def exif(**detail: str) -> Image.Exif:
    made = camera_exif()
    made.get_ifd(0x8769).update({globals()[name.upper()]: text for name, text in detail.items()})
    return made


def rendered(path: Path, settings: ResizeSettings) -> ResizedPhoto:
    return resize(downloaded(path), settings)


def detail_of(result: ResizedPhoto) -> dict[int, object]:
    with Image.open(io.BytesIO(sent(result))) as image:
        return dict(image.getexif().get_ifd(0x8769))


def test_a_time_zone_is_written_where_the_photo_has_none_and_the_clock_stays(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif(digitized="2024:12:01 12:33:10", fraction="25"))
    result = rendered(path, OSLO)
    assert result.rendition.taken_at == "2024-05-01T12:33:10.250+02:00"
    detail = detail_of(result)
    assert (detail[DATE], detail[OFFSET]) == ("2024:05:01 12:33:10", "+02:00")
    assert (detail[DIGITIZED], detail[OFFSET_DIGITIZED]) == ("2024:12:01 12:33:10", "+01:00")
    facts = read_facts(found(path), OSLO)
    assert facts.taken_at == datetime.fromisoformat("2024-05-01T12:33:10.250+02:00")


def test_exiftool_reads_the_corrected_time(tmp_path: Path) -> None:
    path = save_with(tmp_path / "a.jpg", exif=exif(fraction="25").tobytes(), xmp=xmp("xmp:Rating='4'"))
    settings = ResizeSettings(camera_tz=OSLO.camera_tz, time_shift=LATE.time_shift, metadata="keep")
    (tmp_path / "out.jpg").write_bytes(sent(rendered(path, settings)))
    said = said_by_exiftool(tmp_path / "out.jpg")
    assert said["Composite:SubSecDateTimeOriginal"] == "2024:05:01 12:36:22.25+02:00"
    assert said["XMP-photoshop:DateCreated"] == "2024:05:01 12:36:22.250+02:00"


def test_a_zone_that_the_camera_wrote_stays(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif(offset="-05:00"))
    assert rendered(path, OSLO).rendition.taken_at == "2024-05-01T12:33:10-05:00"


def test_a_zone_that_makes_no_sense_is_replaced(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif(offset="   :  "))
    assert rendered(path, OSLO).rendition.taken_at == "2024-05-01T12:33:10+02:00"


@pytest.mark.parametrize("camera", ["shooter 3", "acme shooter 3", "*"])
def test_a_camera_is_known_by_its_model_with_or_without_its_make(tmp_path: Path, camera: str) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif())
    for name, wanted in ((camera, "2024-05-01T12:33:10+02:00"), (camera + "x", "2024-05-01T12:33:10")):
        assert rendered(path, ResizeSettings(camera_tz=((name, "Europe/Oslo"),))).rendition.taken_at == wanted


def test_the_cameras_own_entry_counts_before_that_for_any(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif())
    settings = ResizeSettings(
        camera_tz=(("*", "Asia/Tokyo"), ("shooter 3", "Europe/Oslo")), time_shift=(("shooter 3", 0), ("*", 60))
    )
    assert rendered(path, settings).rendition.taken_at == "2024-05-01T12:33:10+02:00"


def test_a_shift_moves_every_date_of_the_camera_and_keeps_the_fraction(tmp_path: Path) -> None:
    made = exif(digitized="2024:05:01 12:33:11", fraction="25", offset="+02:00")
    made[CHANGED] = "2024:05:01 12:33:10"
    result = rendered(make_jpeg(tmp_path / "a.jpg", (32, 32), exif=made), LATE)
    assert result.rendition.taken_at == "2024-05-01T12:36:22.250+02:00"
    detail = detail_of(result)
    assert (detail[DATE], detail[DIGITIZED], detail[FRACTION]) == ("2024:05:01 12:36:22", "2024:05:01 12:36:23", "25")
    with Image.open(io.BytesIO(sent(result))) as image:
        assert image.getexif()[CHANGED] == "2024:05:01 12:36:22"


def test_the_date_that_a_computer_wrote_is_not_shifted(tmp_path: Path) -> None:
    made = exif()
    made[CHANGED] = "2025:01:01 00:00:00"
    result = rendered(make_jpeg(tmp_path / "a.jpg", (32, 32), exif=made), LATE)
    with Image.open(io.BytesIO(sent(result))) as image:
        assert image.getexif()[CHANGED] == "2025:01:01 00:00:00"


def test_the_zone_is_that_of_the_shifted_time(tmp_path: Path) -> None:
    made = camera_exif(taken="2024:03:31 01:59:00")
    settings = ResizeSettings(camera_tz=(("*", "Europe/Oslo"),), time_shift=(("*", 3600),))
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=made)
    assert rendered(path, settings).rendition.taken_at == "2024-03-31T02:59:00+01:00"
    assert read_facts(found(path), settings).taken_at == datetime.fromisoformat("2024-03-31T02:59:00+01:00")


@pytest.mark.parametrize(
    ("time", "offset"),
    [
        ("2024-03-31T01:59:59", "+01:00"),
        ("2024-03-31T02:30:00", "+01:00"),  # the hour that is left out has the offset from before
        ("2024-03-31T03:00:00", "+02:00"),
        ("2024-10-27T02:30:00", "+02:00"),  # the hour that comes twice is the first
        ("2024-10-27T03:00:00", "+01:00"),
    ],
)
def test_the_offset_at_the_edges_of_summer_time(time: str, offset: str) -> None:
    assert ClockCorrection(zone="Europe/Oslo").of_time(time) == time + offset


def test_an_offset_with_seconds_is_not_written_because_exif_cannot_say_it() -> None:
    """Before there were time zones, places had a time of their own."""
    assert ClockCorrection(zone="America/New_York").of_time("1850-01-01T12:00:00") == "1850-01-01T12:00:00"


ZONES = ["Europe/Oslo", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]


@given(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES), st.integers(-(10**8), 10**8))
def test_the_corrected_time_is_the_clock_plus_the_shift_in_its_zone(moment: datetime, zone: str, shift_s: int) -> None:
    moment = moment.replace(microsecond=0)
    texts = {"DateTimeOriginal": moment.strftime("%Y:%m:%d %H:%M:%S")}
    changed = texts | ClockCorrection(timedelta(seconds=shift_s), zone).of_texts(texts)
    wall = moment + timedelta(seconds=shift_s)
    assert changed["DateTimeOriginal"] == wall.isoformat(" ").replace("-", ":")
    aware = datetime.fromisoformat(wall.isoformat() + changed["OffsetTimeOriginal"])
    assert aware.utcoffset() == wall.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    came_back = aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert came_back - wall in (timedelta(), timedelta(hours=1), timedelta(minutes=30)), "only a left-out hour moves"


def test_a_shift_past_the_calendar_changes_nothing() -> None:
    assert ClockCorrection(timedelta(days=10**6)).of_time("9000-01-01T00:00:00") == "9000-01-01T00:00:00"


def test_a_name_is_corrected_too_and_a_files_date_is_not(tmp_path: Path) -> None:
    settings = ResizeSettings(camera_tz=(("*", "Europe/Oslo"),), time_shift=(("*", 192),))
    for name, wanted in (
        ("IMG_20240501_123310", "2024-05-01T12:36:22+02:00"),
        ("PXL_20240501_103310123", "2024-05-01T10:36:22.123+00:00"),
    ):
        rendition = rendered(make_jpeg(tmp_path / f"{name}.jpg", (32, 32)), settings).rendition
        assert (rendition.taken_at, rendition.taken_at_from) == (wanted, "file_name")
    plain = rendered(make_jpeg(tmp_path / "a.jpg", (32, 32)), ResizeSettings())
    assert rendered(tmp_path / "a.jpg", settings).rendition.taken_at == plain.rendition.taken_at


def test_renditions_of_one_photo_may_be_corrected_differently(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif())
    made = resize_all(downloaded(path), [("plain", ResizeSettings()), ("oslo", OSLO), ("late", LATE)])
    assert [one.rendition.taken_at for one in made] == [
        "2024-05-01T12:33:10",
        "2024-05-01T12:33:10+02:00",
        "2024-05-01T12:36:22",
    ]


def test_an_original_stays_as_it_is_and_its_time_is_said_corrected(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=exif())
    result = rendered(path, ResizeSettings(original=True, camera_tz=OSLO.camera_tz))
    assert (result.rendition.taken_at, sent(result)) == ("2024-05-01T12:33:10+02:00", path.read_bytes())


def test_corrections_are_another_recipe_and_none_is_the_same_as_ever() -> None:
    recipes = {one.recipe_id for one in (ResizeSettings(), OSLO, LATE)}
    assert len(recipes) == 3
    assert ResizeSettings().recipe_id == ResizeSettings(camera_tz=(), time_shift=()).recipe_id
