"""Is an index consistent in itself? Files are not looked at."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from photopipe.gallery.index.index import SCHEMA_VERSION, opened_index, schema_version

_MOST: Final = 10
"""Further problems of the same index say nothing new."""
_DAMAGE: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""Families of errors that are about the index, and not about the disk or another process."""


def index_problems(folder: str) -> list[str]:
    """What is wrong with the index of a gallery; an empty list if nothing is.

    Args:
        folder: the gallery's; its index is there.

    Raises:
        sqlite3.Error: it cannot be checked; that says nothing about it.
    """
    try:
        with opened_index(folder) as index:
            return list(_problems(index))[:_MOST]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
            raise
        return [str(error)]


def _problems(index: sqlite3.Connection) -> Iterator[str]:
    version = schema_version(index)
    if version == 0:
        yield "it is empty"
        return
    found = index.execute(f"PRAGMA integrity_check({_MOST})")
    yield from (problem for (problem,) in found if problem != "ok")
    for table, row, other, _ in index.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} belongs to a row of {other} that is not there"
    if index.execute("SELECT 1 FROM meta WHERE name = 'gallery_id'").fetchone() is None:
        yield "it does not say which gallery it belongs to"
    if version == SCHEMA_VERSION:
        for table in ("keys", "albums", "album_photos"):
            index.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - fails if it is not there
        yield from _problems_of_words(index)


def _problems_of_words(index: sqlite3.Connection) -> Iterator[str]:
    # Source: https://www.sqlite.org/fts5.html#the_integrity_check_command; it fails if something is wrong.
    index.execute("INSERT INTO photo_words (photo_words) VALUES ('integrity-check')")
    query = "SELECT id FROM photos EXCEPT SELECT id FROM photo_words_docsize LIMIT 1"
    for (number,) in index.execute(query):
        yield f"photo {number} cannot be searched for"
