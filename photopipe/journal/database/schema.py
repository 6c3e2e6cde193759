"""The journal's tables, and how a database is recognised as a journal."""

import sqlite3
from datetime import UTC, datetime
from typing import Final

APPLICATION_ID: Final = 0x70686F70
"""`PRAGMA application_id` of every journal: "phop" in ASCII."""

VERSION: Final = 5
"""`PRAGMA user_version`; a newer file is refused, an older one is migrated."""

_PAIRS_AND_RUNS: Final = """
CREATE TABLE pairs (                          -- files that are not uploaded, because another shows the same shot
    folder_id INTEGER NOT NULL REFERENCES folders,
    name BLOB NOT NULL,                       -- and how the file looked when that was found out
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    shown_by BLOB NOT NULL,                   -- name of the other, in the same folder, and how that looked then
    shown_by_size_bytes INTEGER NOT NULL,
    shown_by_mtime_ns INTEGER NOT NULL,
    PRIMARY KEY (folder_id, name)
) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,                 -- RFC 3339, UTC
    ended_at TEXT,                            -- null while it goes on, and if it was killed
    exit_code INTEGER,                        -- likewise
    found INTEGER, uploaded INTEGER, skipped INTEGER, failed INTEGER, left_over INTEGER
);
"""

_REPLACEMENTS: Final = """
CREATE TABLE replacements (                   -- journals that this one replaces, because they were lost or damaged
    id INTEGER PRIMARY KEY,
    replaced_at TEXT NOT NULL,                -- RFC 3339, UTC
    set_aside_at TEXT                         -- where the old file is, if there is one
);
CREATE INDEX deliveries_by_state ON deliveries (target_id, state);
"""

_LEASES: Final = """
CREATE TABLE leases (                         -- photos that a worker of a cluster may be sending, for a time
    photo_id INTEGER PRIMARY KEY REFERENCES photos,
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,                 -- 1 the first time the photo is given to a worker in this run
    worker TEXT NOT NULL,                     -- the process, see cluster/protocol/takeover.py
    expires_at REAL NOT NULL                  -- after that another worker may have it [seconds since 1970]
);
"""

SCHEMA: Final = f"""
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE                 -- bytes as the file system has them
);
CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    source_sha256 BLOB NOT NULL UNIQUE        -- the content: who a photo is
);
CREATE TABLE files (                          -- where content was seen, and how the file looked then
    folder_id INTEGER NOT NULL REFERENCES folders,
    name BLOB NOT NULL,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    photo_id INTEGER NOT NULL REFERENCES photos,
    PRIMARY KEY (folder_id, name)
) WITHOUT ROWID;
CREATE INDEX files_by_photo ON files (photo_id);
CREATE TABLE targets (                        -- a recipe for a gallery
    id INTEGER PRIMARY KEY,
    recipe_id TEXT NOT NULL,
    gallery_id TEXT NOT NULL,
    recipe TEXT NOT NULL DEFAULT '',          -- settings that make the recipe and are not at their default (JSON)
    UNIQUE (recipe_id, gallery_id)
);
CREATE TABLE deliveries (                     -- one photo for one target
    target_id INTEGER NOT NULL REFERENCES targets,
    photo_id INTEGER NOT NULL REFERENCES photos,
    state TEXT NOT NULL CHECK (state IN ('found', 'rendered', 'sending', 'uploaded', 'failed', 'quarantined')),
    sha256 TEXT, sha1 TEXT, md5 TEXT, size_bytes INTEGER,      -- the rendition's bytes
    remote_id TEXT, url TEXT,                                  -- the gallery's answer
    stage TEXT, reason TEXT, message TEXT,                     -- the last failure
    attempts INTEGER NOT NULL DEFAULT 0,                       -- runs in which it failed, under these conditions
    conditions TEXT NOT NULL DEFAULT '',                       -- what the failure depends on beside the photo
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (target_id, photo_id)
) WITHOUT ROWID;
{_PAIRS_AND_RUNS}{_REPLACEMENTS}{_LEASES}"""

MIGRATIONS: Final = {
    1: """
ALTER TABLE deliveries ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET state = 'failed' WHERE state = 'quarantined';  -- it was not recorded what that depends on
""",
    2: _PAIRS_AND_RUNS,
    3: f"ALTER TABLE targets ADD COLUMN recipe TEXT NOT NULL DEFAULT '';{_REPLACEMENTS}",
    4: _LEASES,
}
"""What brings a file from each version to the next."""

LATER: Final = frozenset({("deliveries", "conditions"), ("targets", "recipe")})
"""Columns that the first version did not have."""
LATER_TABLES: Final = frozenset({"pairs", "runs", "replacements", "leases"})
"""Likewise."""

Columns = list[tuple[str, str]]


def is_empty(connection: sqlite3.Connection) -> bool:
    """True if nothing has been written into the database yet."""
    return not _columns(connection) and _numbers(connection) == (0, 0)


def is_journal(connection: sqlite3.Connection) -> bool:
    """True for a journal; those of the first releases are known by their tables, for lack of an application id.

    Source: SQLite documentation, "PRAGMA application_id".
    """
    application_id, version = _numbers(connection)
    if application_id:
        return application_id == APPLICATION_ID
    first = [one for one in _columns_of_schema() if one not in LATER and one[0] not in LATER_TABLES]
    return version == 1 and _columns(connection) == first


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an older journal to this version, in one transaction."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    _run(connection, "".join(MIGRATIONS[step] for step in range(version, VERSION)))


def create_tables(connection: sqlite3.Connection) -> None:
    """Turn an empty database into a journal."""
    _run(connection, SCHEMA)


def now_text() -> str:
    """The time as the tables about runs and replacements have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _run(connection: sqlite3.Connection, statements: str) -> None:
    connection.executescript(
        f"BEGIN IMMEDIATE; {statements} PRAGMA application_id = {APPLICATION_ID};"
        f" PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _numbers(connection: sqlite3.Connection) -> tuple[int, int]:
    application_id, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    return application_id, version


def _columns(connection: sqlite3.Connection) -> Columns:
    return connection.execute(
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns "
        "WHERE tables.type IN ('table', 'view') AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
        "ORDER BY tables.name, columns.cid"
    ).fetchall()


def _columns_of_schema() -> Columns:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        return _columns(connection)
    finally:
        connection.close()
