"""What exports have written into a folder: nothing else is ever removed from it."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, NamedTuple

from photopipe.errors import GalleryBroken, LockHeld
from photopipe.files.names import GALLERY_MARKER

MANIFEST: Final = f"{GALLERY_MARKER}/export.sqlite"
"""Where it is in the folder. Its own folder also keeps `photopipe process` from taking the pictures for new photos."""
PENDING: Final = -1
"""Length of a file that is being written."""
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS exports (number INTEGER PRIMARY KEY)",
    # A row is written before its file, so that a killed export leaves no file that is not known.
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, version TEXT NOT NULL, size_bytes INTEGER NOT NULL, "
    "mtime_ns INTEGER NOT NULL, export INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS files_by_export ON files (export)",
)


class Written(NamedTuple):
    """A file as it was written.

    Attributes:
        version: see `SiteFile`.
        size_bytes: its length, or `PENDING`.
        mtime_ns: when it was changed.
    """

    version: str
    size_bytes: int
    mtime_ns: int


class Manifest:
    """The files that exports have written; only one export at a time has it open.

    Args:
        connection: to its SQLite file.
        folder: that it is in, for messages.
    """

    def __init__(self, connection: sqlite3.Connection, folder: str) -> None:
        self._connection = connection
        self._folder = folder
        self._export = 0

    @classmethod
    @contextmanager
    def opened(cls, folder: str) -> Iterator["Manifest"]:
        """The manifest in a folder, made if there is none.

        Raises:
            LockHeld: another export has it open.
            GalleryBroken: it is damaged.
        """
        with closing(sqlite3.connect(os.path.join(folder, MANIFEST), timeout=0, isolation_level=None)) as connection:
            manifest = cls(connection, folder)
            manifest._begin()
            try:
                yield manifest
            finally:
                if connection.in_transaction:  # a full disk ends it
                    manifest._execute("COMMIT")

    def _begin(self) -> None:
        """Lock it, and give this export a number."""
        self._execute("PRAGMA locking_mode=EXCLUSIVE")
        self._execute("PRAGMA journal_mode=WAL")
        # What a power cut takes from it is found out by looking at the files themselves.
        self._execute("PRAGMA synchronous=NORMAL")
        self._execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            self._execute(statement)
        ((self._export,),) = self._execute("INSERT INTO exports DEFAULT VALUES RETURNING number")
        self._execute("DELETE FROM exports WHERE number < ?", self._export)

    def save(self) -> None:
        """Write to the disk what has been noted so far."""
        self._execute("COMMIT")
        self._execute("BEGIN IMMEDIATE")

    def find(self, path: str) -> Written | None:
        """A file as it was written last."""
        rows = self._execute("SELECT version, size_bytes, mtime_ns FROM files WHERE path = ?", path)
        return Written(*rows[0]) if rows else None

    def find_current(self, path: str) -> Written | None:
        """A file that this export has written, or left as it was."""
        query = "SELECT version, size_bytes, mtime_ns FROM files WHERE path = ? AND export = ?"
        rows = self._execute(query, path, self._export)
        return Written(*rows[0]) if rows else None

    def note(self, path: str, written: Written) -> None:
        """Note that a file belongs to this export, or, if it is `PENDING`, may come to belong to it."""
        export = self._export if written.size_bytes != PENDING else 0
        self._execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", path, *written, export)

    def keep(self, path: str) -> None:
        """Note that a file of an earlier export belongs to this one, too."""
        self._execute("UPDATE files SET export = ? WHERE path = ? AND export <> ?", self._export, path, self._export)

    def gone(self, limit: int) -> list[str]:
        """Files of earlier exports that do not belong to this one."""
        rows = self._execute("SELECT path FROM files WHERE export < ? LIMIT ?", self._export, limit)
        return [path for (path,) in rows]

    def forget(self, path: str) -> None:
        """Note that a file is removed."""
        self._execute("DELETE FROM files WHERE path = ?", path)

    def _execute(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise _explained(error, self._folder) from error


def _explained(error: sqlite3.Error, folder: str) -> Exception:
    family = getattr(error, "sqlite_errorcode", 0) & 0xFF  # SQLite adds what it was doing in the bytes above
    if family in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LockHeld(f"{folder}: another export is writing there. Wait until it has finished.")
    if family == sqlite3.SQLITE_FULL:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return GalleryBroken(
        f"{folder}: the record of what earlier exports wrote, {MANIFEST}, cannot be used: {error}. "
        "Delete the folder and export again."
    )
