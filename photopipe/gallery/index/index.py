"""The index: the SQLite file with a row for every stored photo. Only this folder knows its schema."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from photopipe.files.names import GALLERY_MARKER

SCHEMA_VERSION: Final = 2
BUSY_TIMEOUT_S: Final = 30.0

VERSION_1: Final = (
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

FROM_1_TO_2: Final = (
    "ALTER TABLE photos ADD COLUMN source_sha256 TEXT",  # of the file it was made from, as the sender says
    "ALTER TABLE photos ADD COLUMN has_details INTEGER NOT NULL DEFAULT 0",  # whether what follows has been read
    "ALTER TABLE photos ADD COLUMN width_px INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE photos ADD COLUMN height_px INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE photos ADD COLUMN title TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE photos ADD COLUMN caption TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE photos ADD COLUMN keywords TEXT NOT NULL DEFAULT ''",  # one a line
    "ALTER TABLE photos ADD COLUMN camera TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE photos ADD COLUMN lens TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE photos ADD COLUMN exposure_s REAL",
    "ALTER TABLE photos ADD COLUMN f_number REAL",
    "ALTER TABLE photos ADD COLUMN iso INTEGER",
    "ALTER TABLE photos ADD COLUMN focal_length_mm REAL",
    "ALTER TABLE photos ADD COLUMN deleted_at TEXT",  # since when it is in the trash, RFC 3339, UTC
    # 1 for the photo that the pages show: one for each source, none that is in the trash
    "ALTER TABLE photos ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1",
    "CREATE INDEX photos_listed ON photos (shown_at, id, width_px, height_px) WHERE is_listed = 1",
    "CREATE INDEX photos_by_source ON photos (source_sha256) WHERE source_sha256 IS NOT NULL",
    "CREATE INDEX photos_in_trash ON photos (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX keys_of_photo ON keys (photo_id)",
    "CREATE INDEX photos_without_details ON photos (id) WHERE has_details = 0",
    """
    CREATE TABLE albums (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        name_folded TEXT NOT NULL UNIQUE
    ) STRICT
    """,
    """
    CREATE TABLE album_photos (
        album_id INTEGER NOT NULL REFERENCES albums (id),
        photo_id INTEGER NOT NULL REFERENCES photos (id),
        PRIMARY KEY (album_id, photo_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX albums_of_photo ON album_photos (photo_id)",
    # The words of each photo; its rowid is the photo's id.
    """
    CREATE VIRTUAL TABLE photo_words USING fts5 (
        title, caption, keywords, camera, lens, file_name, original_name, albums,
        tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
    )
    """,
    "INSERT INTO photo_words (rowid, file_name, original_name) SELECT id, path, original_name FROM photos",
)

MIGRATIONS: Final = {0: VERSION_1, 1: FROM_1_TO_2}
"""Version -> the statements that lead to the next one."""


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


def bring_up_to_date(connection: sqlite3.Connection, new_gallery_id: str) -> None:
    """Make or alter the tables, inside the caller's transaction.

    Args:
        connection: its index may be new, or of any version up to ours.
        new_gallery_id: name of the gallery, if the index is new.
    """
    first = schema_version(connection)
    for version in range(first, SCHEMA_VERSION):
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
    if first == 0:
        connection.execute("INSERT INTO meta VALUES ('gallery_id', ?)", (new_gallery_id,))
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def read_gallery_id(connection: sqlite3.Connection) -> str:
    """The random name the gallery was created with."""
    return str(connection.execute("SELECT value FROM meta WHERE name = 'gallery_id'").fetchone()[0])
