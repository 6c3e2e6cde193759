"""Photos by time, as far as a filter lets them through; first of all those in the pages, one for each source."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from photopipe.files.characters import INVISIBLE
from photopipe.files.kinds import KINDS
from photopipe.gallery.index.stored_photo import COLUMNS, StoredPhoto

MOST_TERMS: Final = 20
_DATE: Final = re.compile(r"(?:19|20)[0-9]{2}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_TERM: Final = re.compile(r'"([^"]*)"?|(\S+)')
_WORD: Final = re.compile(r"\w")
_SHOWN_BY_BROWSERS: Final = ", ".join(f"'{kind.media_type}'" for kind in KINDS if kind.is_shown_by_browsers)

Which = Literal["shown", "stored", "deleted"]
_CONDITION_OF: Final[dict[Which, str]] = {
    "shown": "is_listed = 1",
    "stored": "deleted_at IS NULL",
    "deleted": "deleted_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos are asked for; the defaults let all through.

    Attributes:
        text: what a person typed: every word must be found, by its beginning, in title, caption, keywords, camera,
            lens, names or albums; words in quotes must stand side by side; a date (`2025`, `2025-10`, `2025-10-03`)
            is also found as the time of the photo.
        since: first day, `2025-10-03`, or None.
        until: last day, or None.
        album_id: only photos of this album, or None.
        which: `shown` for the photos in the pages, one for each source; `stored` for every file; `deleted` for
            those in the trash.
    """

    text: str = ""
    since: str | None = None
    until: str | None = None
    album_id: int | None = None
    which: Which = "shown"


class DayCount(NamedTuple):
    """A day with photos.

    Attributes:
        day: `2025-10-03`.
        photos: how many.
        widths: sum of their widths when all are one high: what a row of them takes.
    """

    day: str
    photos: int
    widths: float


def listed_photos(
    connection: sqlite3.Connection, wanted: PhotoFilter, limit: int, after: int | None = None
) -> list[StoredPhoto]:
    """A page of photos, newest first.

    Args:
        connection: to the index.
        wanted: which photos.
        limit: how many at most.
        after: id of the photo before the first, or None to begin with the newest.
    """
    conditions = list(_conditions(wanted))
    if after is not None:
        conditions.append(("(shown_at, id) < (SELECT shown_at, id FROM photos WHERE id = ?)", [after]))
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM photos WHERE {_sql(conditions)} "  # noqa: S608 - our own words
        "ORDER BY shown_at DESC, id DESC LIMIT ?",
        [*_values(conditions), limit],
    )
    return [StoredPhoto(*row) for row in rows]


def each_listed_photo(connection: sqlite3.Connection, wanted: PhotoFilter) -> Iterator[StoredPhoto]:
    """All of them, newest first, read one at a time."""
    conditions = list(_conditions(wanted))
    query = f"SELECT {COLUMNS} FROM photos WHERE {_sql(conditions)} ORDER BY shown_at DESC, id DESC"  # noqa: S608
    return (StoredPhoto(*row) for row in connection.execute(query, _values(conditions)))


def count_listed(connection: sqlite3.Connection, wanted: PhotoFilter) -> int:
    """How many photos a filter lets through."""
    conditions = list(_conditions(wanted))
    query = f"SELECT count(*) FROM photos WHERE {_sql(conditions)}"  # noqa: S608 - our own words
    return int(connection.execute(query, _values(conditions)).fetchone()[0])


def neighbours(connection: sqlite3.Connection, photo_id: int) -> tuple[int | None, int | None]:
    """The ids of the photos in the pages before and behind this one: the next newer and the next older."""
    newer, older = (
        connection.execute(
            "SELECT id FROM photos WHERE is_listed = 1 "  # noqa: S608 - our own words
            f"AND (shown_at, id) {sign} (SELECT shown_at, id FROM photos WHERE id = ?) "
            f"ORDER BY shown_at {order}, id {order} LIMIT 1",
            (photo_id,),
        ).fetchone()
        for sign, order in ((">", "ASC"), ("<", "DESC"))
    )
    return newer[0] if newer else None, older[0] if older else None


def days(connection: sqlite3.Connection, wanted: PhotoFilter) -> list[DayCount]:
    """Each day that has photos, newest first."""
    conditions = list(_conditions(wanted))
    rows = connection.execute(
        "SELECT substr(shown_at, 1, 10) AS day, count(*), "  # noqa: S608 - our own words
        "round(sum(CASE WHEN height_px > 0 THEN 1.0 * width_px / height_px ELSE 1.5 END), 2) "
        f"FROM photos WHERE {_sql(conditions)} GROUP BY day ORDER BY day DESC",
        _values(conditions),
    )
    return [DayCount(*row) for row in rows]


def list_one_of_source(connection: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Decide again which photo stands for all that were made from the same file; after any change to one of them.

    The largest that browsers show stands for the others; an untouched original only if there is nothing else.
    """
    if photo.source_sha256 is None:
        connection.execute("UPDATE photos SET is_listed = deleted_at IS NULL WHERE id = ?", (photo.id,))
        return
    query = f"""
        UPDATE photos SET is_listed = id IS (
            SELECT id FROM photos WHERE source_sha256 = ? AND deleted_at IS NULL
            ORDER BY content_type IN ({_SHOWN_BY_BROWSERS}) DESC, sha256 <> source_sha256 DESC,
                width_px * height_px DESC, id LIMIT 1
        )
        WHERE source_sha256 = ?
    """  # noqa: S608 - our own words
    connection.execute(query, (photo.source_sha256, photo.source_sha256))


_Condition = tuple[str, list[str | int]]


def _conditions(wanted: PhotoFilter) -> Iterator[_Condition]:
    yield _CONDITION_OF[wanted.which], []
    if wanted.since is not None:
        yield "shown_at >= ?", [wanted.since]
    if wanted.until is not None:
        yield "shown_at < ?", [wanted.until + "U"]  # `U` comes behind the `T` of every time of that day
    if wanted.album_id is not None:
        yield "id IN (SELECT photo_id FROM album_photos WHERE album_id = ?)", [wanted.album_id]
    yield from map(_condition, _terms(wanted.text))


def _terms(text: str) -> list[str]:
    """The words and phrases of a search, those without a letter or digit left out."""
    terms = [phrase or word for phrase, word in _TERM.findall(INVISIBLE.sub(" ", text))]
    return [term for term in terms if _WORD.search(term)][:MOST_TERMS]


def _condition(term: str) -> _Condition:
    # In quotes, everything is text for FTS5 but a quote, which is doubled.
    phrase = '"' + term.replace('"', '""') + '"*'
    found = "id IN (SELECT rowid FROM photo_words WHERE photo_words MATCH ?)"
    if _DATE.fullmatch(term):
        return f"({found} OR (shown_at >= ? AND shown_at < ?))", [phrase, term, term + "U"]
    return found, [phrase]


def _sql(conditions: list[_Condition]) -> str:
    return " AND ".join(sql for sql, _ in conditions)


def _values(conditions: list[_Condition]) -> list[str | int]:
    return [value for _, values in conditions for value in values]
