"""The index: the SQLite file with a row for every stored photo. Only this module knows its schema."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from photopipe.files.names import GALLERY_MARKER

SCHEMA_VERSION: Final = 1
BUSY_TIMEOUT_S: Final = 30.0

SCHEMA: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """
    CREATE TABLE photos (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        path TEXT NOT NULL UNIQUE,         -- relative to the gallery's folder, with slashes
        path_folded TEXT NOT NULL UNIQUE,  -- the path where letter case does not count
        original_name TEXT NOT NULL,
        taken_at TEXT,
        modified_at TEXT,
        shown_at TEXT NOT NULL,            -- wall clock the photo is sorted and filed by
        size_bytes INTEGER NOT NULL,
        content_type TEXT NOT NULL,
        received_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX photos_by_time ON photos (shown_at, id)",
    """
    CREATE TABLE keys (
        key TEXT PRIMARY KEY,
        photo_id INTEGER NOT NULL REFERENCES photos (id)
    ) STRICT
    """,
)


def state_folder(folder: str) -> str:
    """The gallery's own folder inside the folder of photos."""
    return os.path.join(folder, GALLERY_MARKER)


def index_path(folder: str) -> str:
    """The index of the gallery in `folder`."""
    return os.path.join(state_folder(folder), "index.sqlite")


@contextmanager
def opened_index(folder: str) -> Iterator[sqlite3.Connection]:
    """A new connection in autocommit mode, closed at the end.

    Raises:
        sqlite3.Error: the index cannot be opened.
    """
    connection = sqlite3.connect(
        index_path(folder), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        yield connection
    finally:
        connection.close()


def schema_version(connection: sqlite3.Connection) -> int:
    """0 for an index that was never completed, else the version it was made with."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def create_schema(connection: sqlite3.Connection, gallery_id: str) -> None:
    """Make the tables and name the gallery, inside the caller's transaction."""
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('gallery_id', ?)", (gallery_id,))
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def read_gallery_id(connection: sqlite3.Connection) -> str:
    """The random name the gallery was created with."""
    return str(connection.execute("SELECT value FROM meta WHERE name = 'gallery_id'").fetchone()[0])
