"""When a photo was taken, from the texts a camera wrote."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

CLOCKS: Final = (
    ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "SubSecTimeDigitized", "OffsetTimeDigitized"),
    ("DateTime", "SubSecTime", "OffsetTime"),
)
"""Best first. Source: CIPA DC-008 (Exif) 4.6.6, tags relating to date and time."""
DATE: Final = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
OFFSET: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d", re.ASCII)
OTHER_DATE: Final = re.compile(
    r"(\d{4})[-:]?(\d\d)[-:]?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
"""Dates of XMP (ISO 8601, though darktable writes EXIF's colons) and IPTC (`20240501123310+0200`).

Source: ISO 16684-1, 8.2.1.2; IIM 4.2, 2:55 and 2:60.
"""
OLDEST_YEAR: Final = 1826
"""The oldest photograph that survives; programs write year 1 or 0 for `unknown`."""


def taken_at(texts: Mapping[str, str]) -> str | None:
    """Find the capture time.

    Args:
        texts: EXIF texts by tag name.

    Returns:
        `2024-05-01T12:33:10[.sss][+02:00]`, from the first plausible date; None if there is none.
    """
    for date, fraction, offset in CLOCKS:
        moment = parsed_date(texts.get(date, ""))
        if moment:
            return moment.isoformat() + _fraction(texts.get(fraction, "")) + offset_text(texts.get(offset, ""))
    return None


def exif_clock(date: str) -> dict[str, str]:
    """Convert a date of XMP or IPTC to EXIF's texts.

    Args:
        date: such as `2024-05-01T12:33:10.25+02:00`; without a time of day, midnight is assumed.

    Returns:
        The texts of DateTimeOriginal and, as far as known, its fraction and offset; empty if the date is not plausible
        or names no day.
    """
    match = OTHER_DATE.fullmatch(date.strip())
    if not match:
        return {}
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    texts = {"DateTimeOriginal": f"{year}:{month}:{day} {hour or '00'}:{minute or '00'}:{second or '00'}"}
    if fraction:
        texts["SubSecTimeOriginal"] = fraction
    if offset:
        texts["OffsetTimeOriginal"] = "+00:00" if offset == "Z" else f"{offset[:3]}:{offset[-2:]}"
    return texts if taken_at(texts) else {}


def names_time_of_day(date: str) -> bool:
    """Whether a date of XMP or IPTC names more than a day."""
    match = OTHER_DATE.fullmatch(date.strip())
    return match is not None and match[4] is not None


def parsed_date(text: str) -> datetime | None:
    """The date and time of an EXIF text; None if it is not plausible."""
    match = DATE.fullmatch(text.strip(" \0"))
    if not match:
        return None
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*match.groups()))
    except ValueError:
        return None
    return moment if moment.year >= OLDEST_YEAR else None


def offset_text(text: str) -> str:
    """The offset of an EXIF text; empty if it makes no sense."""
    offset = text.strip(" \0")
    return offset if OFFSET.fullmatch(offset) else ""


def _fraction(text: str) -> str:
    digits = text.strip(" \0")
    return f".{digits[:3]:0<3}" if digits.isascii() and digits.isdigit() else ""
