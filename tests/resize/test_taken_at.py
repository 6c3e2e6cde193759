"""The capture time, from what cameras really write."""

import pytest

from photopipe.resize.capture_time.taken_at import taken_at


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ({"DateTimeOriginal": "2024:05:01 12:33:10"}, "2024-05-01T12:33:10"),
        ({"DateTimeOriginal": "2024:05:01 12:33:10\0"}, "2024-05-01T12:33:10"),
        ({"DateTimeOriginal": "2024-05-01T12:33:10"}, "2024-05-01T12:33:10"),
        ({"DateTimeOriginal": "1895:12:28 12:00:00"}, "1895-12-28T12:00:00"),
        ({"DateTimeDigitized": "2024:05:01 12:33:10", "DateTime": "2025:01:01 00:00:00"}, "2024-05-01T12:33:10"),
        ({"DateTime": "2025:01:01 00:00:00"}, "2025-01-01T00:00:00"),
        (
            {"DateTimeOriginal": "0000:00:00 00:00:00", "DateTime": "2025:01:01 00:00:00", "OffsetTime": "-03:30"},
            "2025-01-01T00:00:00-03:30",
        ),
    ],
)
def test_the_best_date_that_makes_sense_is_taken(texts: dict[str, str], wanted: str) -> None:
    assert taken_at(texts) == wanted


@pytest.mark.parametrize(
    ("fraction", "offset", "wanted"),
    [
        ("5", "+02:00", ".500+02:00"),
        ("123456", "-09:30", ".123-09:30"),
        ("07 ", "+14:00", ".070+14:00"),
        ("", "", ""),
        ("   ", "   :  ", ""),
        ("1.5", "+2:00", ""),
        ("²", "+15:00", ""),
        ("-1", "+02:60", ""),
        ("000", "Z", ".000"),
    ],
)
def test_fraction_and_offset_count_if_they_make_sense(fraction: str, offset: str, wanted: str) -> None:
    texts = {
        "DateTimeOriginal": "2024:05:01 12:33:10",
        "SubSecTimeOriginal": fraction,
        "OffsetTimeOriginal": offset,
        "SubSecTime": "9",
        "OffsetTime": "+09:00",
    }
    assert taken_at(texts) == "2024-05-01T12:33:10" + wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "    :  :     :  :  ",
        "0000:00:00 00:00:00",
        "0001:01:01 00:00:00",
        "2024:13:01 12:33:10",
        "2024:02:30 12:33:10",
        "2024:05:01 24:00:00",
        "2024:05:01",
        "yesterday",
        "٢٠٢٤:05:01 12:33:10",
    ],
)
def test_a_date_that_makes_no_sense_is_none(text: str) -> None:
    assert taken_at({"DateTimeOriginal": text}) is None
