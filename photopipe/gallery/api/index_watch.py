"""Notices that the index was written, by this process or another."""

import sqlite3
from contextlib import ExitStack
from typing import Self

from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.listing import PhotoFilter, count_listed


class IndexWatch:
    """One connection to the index, kept open, that is asked again and again; a `with` block closes it.

    Args:
        folder: the gallery's folder.

    Raises:
        sqlite3.Error: the index cannot be opened.

    Source: SQLite's documentation of `PRAGMA data_version`: it changes when another connection commits.
    """

    def __init__(self, folder: str) -> None:
        self._open = ExitStack()
        self._connection: sqlite3.Connection = self._open.enter_context(opened_index(folder))
        self._version: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def has_changed(self) -> bool:
        """True if the index was written since this was last asked; the first answer is True."""
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        changed, self._version = version != self._version, version
        return changed

    def photos(self) -> int:
        """How many photos the pages show."""
        return count_listed(self._connection, PhotoFilter())
