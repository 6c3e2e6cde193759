"""The journal's tables."""

from typing import Final

VERSION: Final = 2
"""`PRAGMA user_version`; a newer file is refused, an older one is migrated."""

SCHEMA: Final = """
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
"""

MIGRATIONS: Final = {
    1: """
ALTER TABLE deliveries ADD COLUMN conditions TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET state = 'failed' WHERE state = 'quarantined';  -- nobody wrote down what that depends on
""",
}
"""What brings a file from each version to the next."""
