"""Days as people say them, and photos grouped by them."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from photopipe.gallery.index.tile import Tile


@dataclass(frozen=True, slots=True)
class Day:
    """Photos of one day, as a page shows them.

    Attributes:
        date: `2025-10-03`.
        title: the date in words.
        tiles: newest first.
    """

    date: str
    title: str
    tiles: list[Tile]


def by_day(tiles: Iterable[Tile]) -> list[Day]:
    """Photos grouped by the day they are filed under, in the same order."""
    groups = itertools.groupby(tiles, key=lambda tile: tile.photo.shown_at[:10])
    return [Day(day, day_in_words(day), list(group)) for day, group in groups]


def day_in_words(day: str) -> str:
    """`2025-10-03` as `Friday, 3 October 2025`."""
    moment = date.fromisoformat(day)
    return f"{moment:%A}, {moment.day} {moment:%B} {moment.year}"


def time_in_words(shown_at: str) -> str:
    """`2025-10-03T12:33:10` as `3 October 2025, 12:33`."""
    moment = date.fromisoformat(shown_at[:10])
    return f"{moment.day} {moment:%B} {moment.year}, {shown_at[11:16]}"


def span_in_words(first_day: str, last_day: str) -> str:
    """`28 September 2025`, or `28 September to 3 October 2025`: from one day to another, what both share said once."""
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    if first == last:
        return f"{last.day} {last:%B} {last.year}"
    if first.year != last.year:
        return f"{first:%B} {first.year} to {last:%B} {last.year}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {last.day} {last:%B} {last.year}"
    return f"{first.day} to {last.day} {last:%B} {last.year}"
