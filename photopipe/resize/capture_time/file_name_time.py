"""When a photo was taken, guessed from the name that a phone, a camera or a messenger gave its file."""

import re
from datetime import UTC, datetime
from typing import Final

DAY: Final = r"(?<!\d)(?P<year>19[7-9]\d|20\d\d)(?P<mark>[-_.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
TIME: Final = r"(?P<hour>\d\d|\d(?=[.:]))(?P<dot>[-_.: ]?)(?P<minute>\d\d)(?P=dot)(?P<second>\d\d)"
FRACTION: Final = r"(?:[-_.]?(?P<fraction>\d{3}))?(?!\d)"
HALF: Final = r"(?:\W{0,3}(?P<half>[AP])\.?M\b)?"
BETWEEN: Final = r"(?: [^\W\d]{1,3} |, | - |[-_ T.]|)"
"""What stands between day and time, such as ` at ` in many languages."""
PATTERNS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), zone)
    for pattern, zone in (
        # Pixel phones write UTC: PXL_20240501_103310123.jpg
        (rf"^PXL_{DAY}_{TIME}{FRACTION}", UTC),
        # IMG_20240501_123310, 20240501_123310, 2024-05-01 12.33.10, Screenshot_2024-05-01-12-33-10,
        # signal-2024-05-01-123310, DJI_20240501123310_0001, WP_20240501_12_33_10_Pro,
        # Screenshot 2024-05-01 at 1.33.10 PM
        (DAY + BETWEEN + TIME + FRACTION + HALF, None),
        # WhatsApp says no time of day: IMG-20240501-WA0001
        (rf"{DAY}-WA\d", None),
        # 2024-05-01 Birthday
        (DAY.replace("[-_.]?", "[-_.]") + r"(?!\d)", None),
    )
)
"""What names look like, the most telling first, and the zone of the times in them."""


def file_name_time(name: str) -> str | None:
    """Find a date in a file's name.

    Args:
        name: the file's name.

    Returns:
        As `taken_at`: a zone only if the pattern has one, midnight if the name tells only the day. None if there is no
        date from 1970 to next year.
    """
    for pattern, zone in PATTERNS:
        for match in pattern.finditer(name):
            moment = _moment(match)
            if moment is not None and moment.year <= datetime.now(UTC).year + 1:
                fraction = f".{match['fraction']}" if match.groupdict().get("fraction") else ""
                return moment.isoformat() + fraction + ("+00:00" if zone else "")
    return None


def _moment(match: "re.Match[str]") -> datetime | None:
    numbers = match.groupdict()
    year, month, day = int(numbers["year"]), int(numbers["month"]), int(numbers["day"])
    hour, minute, second = (int(numbers.get(name) or 0) for name in ("hour", "minute", "second"))
    if half := (numbers.get("half") or "").upper():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
