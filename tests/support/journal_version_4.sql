-- A journal as the fourth version of its schema had it: one photo uploaded, one in quarantine, one in doubt, one shown
-- by another, and two runs, of which the second was killed.
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
CREATE TABLE replacements (                   -- journals that this one replaces, because they were lost or damaged
    id INTEGER PRIMARY KEY,
    replaced_at TEXT NOT NULL,                -- RFC 3339, UTC
    set_aside_at TEXT                         -- where the old file is, if there is one
);
CREATE INDEX deliveries_by_state ON deliveries (target_id, state);
INSERT INTO "deliveries" VALUES(1,1,'uploaded','5555555555555555555555555555555555555555555555555555555555555555','1111111111111111111111111111111111111111','dddddddddddddddddddddddddddddddd',100,'7','http://gallery/7',NULL,NULL,NULL,0,'','2026-11-24T21:59:53Z');
INSERT INTO "deliveries" VALUES(1,2,'quarantined',NULL,NULL,NULL,NULL,NULL,NULL,'resize','too_large','1 MP',3,'{"max_pixels": "300"}','2026-11-24T21:59:53Z');
INSERT INTO "deliveries" VALUES(1,3,'sending','5555555555555555555555555555555555555555555555555555555555555555','1111111111111111111111111111111111111111','dddddddddddddddddddddddddddddddd',100,NULL,NULL,NULL,NULL,NULL,0,'','2026-11-24T21:59:53Z');
INSERT INTO "files" VALUES(1,X'612E6A7067',10,20,30,1,1);
INSERT INTO "files" VALUES(1,X'622E6A7067',10,20,30,1,2);
INSERT INTO "files" VALUES(1,X'632E6A7067',10,20,30,1,3);
INSERT INTO "folders" VALUES(1,X'2F63617264');
INSERT INTO "photos" VALUES(1,X'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
INSERT INTO "photos" VALUES(2,X'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB');
INSERT INTO "photos" VALUES(3,X'CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC');
INSERT INTO "targets" VALUES(1,'recipe','gallery','{"max_height_px": 2048, "max_width_px": 2048}');
INSERT INTO "pairs" VALUES(1,X'642E637232',10,21,31,1,X'612E6A7067',30,1);
INSERT INTO "runs" VALUES(1,'2026-11-24T21:59:50.000Z','2026-11-24T21:59:53.000Z',3,4,1,1,1,1);
INSERT INTO "runs" VALUES(2,'2026-11-24T22:00:00.000Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
PRAGMA application_id = 1885892464;
PRAGMA user_version = 4;
PRAGMA journal_mode = WAL;
