"""What an address asks for behind its question mark, read and checked."""

import re
from contextlib import suppress
from datetime import date
from typing import Final

from flask import Request

from photopipe.gallery.index.listing import PhotoFilter, Which
from photopipe.gallery.store.request_refused import RequestRefused

MAX_NUMBER: Final = 2**63 - 1
"""The largest that SQLite keeps."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def asked_filter(asked: Request, which: Which = "shown") -> PhotoFilter:
    """The photos that `?q=&from=&to=&album=` let through.

    Raises:
        RequestRefused: a date is none, or the album is no id.
    """
    return PhotoFilter(
        text=asked.args.get("q", ""),
        since=_asked_day(asked, "from"),
        until=_asked_day(asked, "to"),
        album_id=asked_number(asked, "album"),
        which=which,
    )


def asked_cursor(asked: Request) -> int | None:
    """The id in `?after=`, or None.

    Raises:
        RequestRefused: it is no id.
    """
    return asked_number(asked, "after")


def asked_number(asked: Request, name: str) -> int | None:
    """A whole number from 1 up, or None if there is no such argument.

    Raises:
        RequestRefused: it is something else.
    """
    text = asked.args.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is None:
        raise RequestRefused(400, f"{name} must be a whole number from 1 up", f"bad_{name}")
    return number


def asked_yes(asked: Request, name: str) -> bool:
    """Whether an argument is `true`; one that is not there is `false`.

    Raises:
        RequestRefused: it is neither.
    """
    text = asked.args.get(name, "false")
    if text not in ("true", "false"):
        raise RequestRefused(400, f"{name} must be true or false", f"bad_{name}")
    return text == "true"


def whole_number(text: str) -> int | None:
    """A whole number from 1 up that is written in digits, or None."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 1 <= number <= MAX_NUMBER else None


def checked_day(text: str, name: str) -> str:
    """A day that exists, as `2025-10-03`.

    Raises:
        RequestRefused: it is something else.
    """
    if _DAY.fullmatch(text):
        with suppress(ValueError):  # February 30: refused like any other text
            return date.fromisoformat(text).isoformat()
    raise RequestRefused(400, f"{name} is {text[:80]!r}; it must be a day that exists, like 2025-10-03", f"bad_{name}")


def _asked_day(asked: Request, name: str) -> str | None:
    text = asked.args.get(name)
    return checked_day(text, name) if text else None
