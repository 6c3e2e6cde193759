"""The capture time guessed from a file's name."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photopipe.resize.capture_time.file_name_time import file_name_time


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("IMG_20240501_123310.jpg", "2024-05-01T12:33:10"),
        ("IMG_20240501_123310123.jpg", "2024-05-01T12:33:10.123"),
        ("20240501_123310.jpg", "2024-05-01T12:33:10"),
        ("20240501_123310(0).jpg", "2024-05-01T12:33:10"),
        ("PXL_20240501_103310123.jpg", "2024-05-01T10:33:10.123+00:00"),
        ("PXL_20240501_103310123.MP.jpg", "2024-05-01T10:33:10.123+00:00"),
        ("2024-05-01 12.33.10.jpg", "2024-05-01T12:33:10"),
        ("2024-05-01 12.33.10-2.jpg", "2024-05-01T12:33:10"),
        ("Screenshot_2024-05-01-12-33-10.png", "2024-05-01T12:33:10"),
        ("Screenshot_2024-05-01-12-33-10-123_com.android.chrome.png", "2024-05-01T12:33:10.123"),
        ("Screenshot_20240501-123310.png", "2024-05-01T12:33:10"),
        ("Screenshot 2024-05-01 at 12.33.10.png", "2024-05-01T12:33:10"),
        ("Screen Shot 2024-05-01 at 1.33.10 PM.png", "2024-05-01T13:33:10"),
        ("Screen Shot 2024-05-01 at 01.33.10 PM.png", "2024-05-01T13:33:10"),
        ("Screen Shot 2024-05-01 at 12.33.10\u202fAM.png", "2024-05-01T00:33:10"),
        ("Capture d\u2019écran 2024-05-01 à 12.33.10.png", "2024-05-01T12:33:10"),
        ("signal-2024-05-01-123310.jpeg", "2024-05-01T12:33:10"),
        ("signal-2024-05-01-12-33-10-123-1.jpeg", "2024-05-01T12:33:10.123"),
        ("WhatsApp Image 2024-05-01 at 12.33.10.jpeg", "2024-05-01T12:33:10"),
        ("IMG-20240501-WA0001.jpg", "2024-05-01T00:00:00"),
        ("WP_20240501_12_33_10_Pro.jpg", "2024-05-01T12:33:10"),
        ("DJI_20240501123310_0001_D.JPG", "2024-05-01T12:33:10"),
        ("2024-05-01 Birthday.tif", "2024-05-01T00:00:00"),
        ("photo_2024-05-01_12-33-10.jpg", "2024-05-01T12:33:10"),
    ],
)
def test_the_names_that_phones_and_messengers_give_tell_the_time(name: str, wanted: str) -> None:
    assert file_name_time(name) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0042.JPG",
        "DSC01234.ARW",
        "20240501.jpg",  # eight digits may be any number
        "IMG_20241301_123310.jpg",
        "IMG_20240230_123310.jpg",
        "IMG_18991231_123310.jpg",
        "IMG_19691231_123310.jpg",
        "IMG_20990101_123310.jpg",
        "1920x1080-20-12.jpg",
        "9920240501_123310.jpg",
        "20240501_1233101234.jpg",
        "20240501_12331.jpg",
        "٢٠٢٤-05-01.jpg",
        "\udcff\n.jpg",
        "",
    ],
)
def test_other_names_tell_nothing(name: str) -> None:
    assert file_name_time(name) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2026, 1, 1)), st.booleans())
def test_every_time_since_1970_is_read_back(moment: datetime, dashes: bool) -> None:
    moment = moment.replace(microsecond=0)
    name = moment.strftime("%Y-%m-%d-%H-%M-%S" if dashes else "%Y%m%d_%H%M%S").zfill(15)
    assert file_name_time(f"a_{name}.jpg") == moment.isoformat()


@given(st.text(max_size=60) | st.from_regex(r"[A-Z]{3}_\d{8}_\d{6}.{0,4}"))
def test_any_name_gives_a_plausible_time_or_none(name: str) -> None:
    found = file_name_time(name)
    if found is not None:
        assert 1970 <= datetime.fromisoformat(found).year <= datetime.now(UTC).year + 1
