-- A journal as the first version of its schema had it: one photo uploaded, one in quarantine.
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
    attempts INTEGER NOT NULL DEFAULT 0,                       -- runs in which it failed
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (target_id, photo_id)
) WITHOUT ROWID;
INSERT INTO folders VALUES (1, CAST('/card' AS BLOB));
INSERT INTO photos VALUES (1, zeroblob(32)), (2, randomblob(32));
INSERT INTO files VALUES (1, CAST('a.jpg' AS BLOB), 10, 20, 30, 1, 1), (1, CAST('b.jpg' AS BLOB), 10, 20, 30, 1, 2);
INSERT INTO targets VALUES (1, 'recipe', 'gallery');
INSERT INTO deliveries (target_id, photo_id, state, attempts) VALUES (1, 1, 'uploaded', 0), (1, 2, 'quarantined', 3);
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
