"""A photo that the gallery has, and the queries about it: one function for each."""

import sqlite3
from dataclasses import astuple, dataclass, fields

from photopipe.files.names import fold_path


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """One row of the index.

    Attributes:
        id: number of the row, never used again; as text it is the photo's public id.
        sha256: hash of the bytes, hexadecimal.
        path: file, relative to the gallery's folder, `2025/10/IMG_0042.jpg`.
        original_name: what the sender called it; any text.
        taken_at: capture time as it was sent, or None.
        modified_at: the source file's change time as it was sent, or None.
        shown_at: wall clock it is filed and sorted by, `YYYY-MM-DDTHH:MM:SS`.
        size_bytes: length of the bytes.
        content_type: what the bytes are, whatever the sender said.
        received_at: when it came, RFC 3339, UTC.
    """

    id: int
    sha256: str
    path: str
    original_name: str
    taken_at: str | None
    modified_at: str | None
    shown_at: str
    size_bytes: int
    content_type: str
    received_at: str

    @property
    def file_name(self) -> str:
        """The file's name without its folder."""
        return self.path.rsplit("/", 1)[-1]


_NAMES = tuple(field.name for field in fields(StoredPhoto))
_SELECT = f"SELECT {', '.join('photos.' + name for name in _NAMES)} FROM photos"  # noqa: S608 - our own names
_INSERT = (
    f"INSERT INTO photos ({', '.join(_NAMES)}, path_folded) "  # noqa: S608 - our own names
    f"VALUES ({', '.join('?' * (len(_NAMES) + 1))})"
)


def photo_with_key(connection: sqlite3.Connection, key: str) -> StoredPhoto | None:
    """The photo that this sender's key identifies."""
    return _one(connection, f"{_SELECT} JOIN keys ON keys.photo_id = photos.id WHERE keys.key = ?", key)


def photo_with_sha256(connection: sqlite3.Connection, sha256: str) -> StoredPhoto | None:
    """The photo with these bytes."""
    return _one(connection, f"{_SELECT} WHERE sha256 = ?", sha256)


def photo_at(connection: sqlite3.Connection, path: str) -> StoredPhoto | None:
    """The photo stored under this relative path."""
    return _one(connection, f"{_SELECT} WHERE path = ?", path)


def newest_photos(connection: sqlite3.Connection, limit: int, before: int | None) -> list[StoredPhoto]:
    """Photos by time, newest first, starting after the photo with id `before`."""
    older = "WHERE (shown_at, id) < (SELECT shown_at, id FROM photos WHERE id = ?)" if before is not None else ""
    values = (limit,) if before is None else (before, limit)
    rows = connection.execute(f"{_SELECT} {older} ORDER BY shown_at DESC, id DESC LIMIT ?", values)
    return [StoredPhoto(*row) for row in rows]


def count_photos(connection: sqlite3.Connection) -> int:
    """How many photos the index has."""
    return int(connection.execute("SELECT count(*) FROM photos").fetchone()[0])


def is_path_taken(connection: sqlite3.Connection, path: str, sha256: str) -> bool:
    """True if another photo is stored under this path, letter case aside."""
    query = "SELECT 1 FROM photos WHERE path_folded = ? AND sha256 <> ?"
    return connection.execute(query, (fold_path(path), sha256)).fetchone() is not None


def insert_photo(connection: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Add a photo, its id included."""
    connection.execute(_INSERT, (*astuple(photo), fold_path(photo.path)))


def next_id(connection: sqlite3.Connection) -> int:
    """The id for the next photo; only inside a write transaction."""
    return int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM photos").fetchone()[0])


def move_photo(connection: sqlite3.Connection, photo: StoredPhoto, path: str) -> None:
    """Record that a photo is stored under another path now."""
    connection.execute("UPDATE photos SET path = ?, path_folded = ? WHERE id = ?", (path, fold_path(path), photo.id))


def remember_key(connection: sqlite3.Connection, key: str, photo: StoredPhoto) -> None:
    """From now on, `key` identifies this photo."""
    query = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET photo_id = excluded.photo_id"
    connection.execute(query, (key, photo.id))


def _one(connection: sqlite3.Connection, query: str, value: str) -> StoredPhoto | None:
    row = connection.execute(query, (value,)).fetchone()
    return StoredPhoto(*row) if row else None
