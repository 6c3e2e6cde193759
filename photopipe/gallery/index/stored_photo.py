"""A photo that the gallery has, and the queries about it: one function for each."""

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Final

from photopipe.files.names import GALLERY_MARKER, fold_path

TRASH: Final = f"{GALLERY_MARKER}/trash"
"""The folder of deleted photos, relative to the gallery's; `trash.py` says what is where in it."""


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
        source_sha256: hash of the file it was made from, as the sender says, or None.
        has_details: whether all that follows has been read from the file.
        width_px: width of the upright picture; 0 if its header cannot be read.
        height_px: height of it.
        title: what its metadata says; likewise what follows. Empty if it says nothing.
        caption: as a person wrote it.
        keywords: one a line.
        camera: make and model.
        lens: model.
        exposure_s: exposure time, or None.
        f_number: aperture, or None.
        iso: sensitivity, or None.
        focal_length_mm: or None.
        deleted_at: since when it is in the trash, RFC 3339, UTC; None if it is not.
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
    source_sha256: str | None = None
    has_details: int = 0
    width_px: int = 0
    height_px: int = 0
    title: str = ""
    caption: str = ""
    keywords: str = ""
    camera: str = ""
    lens: str = ""
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    deleted_at: str | None = None

    @property
    def file_name(self) -> str:
        """The file's name without its folder."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_in_trash(self) -> bool:
        """True if it was deleted and can still be restored."""
        return self.deleted_at is not None

    @property
    def untrashed_path(self) -> str:
        """Its path outside of the trash: the one it has, or had."""
        return self.path.removeprefix(f"{TRASH}/{self.sha256}/")

    @property
    def is_original(self) -> bool:
        """True if it is the very file that others were made from."""
        return self.sha256 == self.source_sha256


_NAMES = tuple(field.name for field in fields(StoredPhoto))
COLUMNS = ", ".join("photos." + name for name in _NAMES)
"""For queries whose rows become `StoredPhoto(*row)`."""
_SELECT = f"SELECT {COLUMNS} FROM photos"  # noqa: S608 - our own names
_INSERT = (
    f"INSERT INTO photos ({', '.join(_NAMES)}, path_folded) "  # noqa: S608 - our own names
    f"VALUES ({', '.join('?' * (len(_NAMES) + 1))})"
)
_UPDATE = f"UPDATE photos SET {', '.join(f'{name} = ?' for name in _NAMES)}, path_folded = ? WHERE id = ?"  # noqa: S608


def photo_with_id(connection: sqlite3.Connection, number: int) -> StoredPhoto | None:
    """The photo with this id."""
    return _one(connection, f"{_SELECT} WHERE id = ?", number)


def photo_with_key(connection: sqlite3.Connection, key: str) -> StoredPhoto | None:
    """The photo that this sender's key identifies."""
    return _one(connection, f"{_SELECT} JOIN keys ON keys.photo_id = photos.id WHERE keys.key = ?", key)


def photo_with_sha256(connection: sqlite3.Connection, sha256: str) -> StoredPhoto | None:
    """The photo with these bytes."""
    return _one(connection, f"{_SELECT} WHERE sha256 = ?", sha256)


def photo_at(connection: sqlite3.Connection, path: str) -> StoredPhoto | None:
    """The photo stored under this relative path, in the trash or not."""
    return _one(connection, f"{_SELECT} WHERE path = ?", path)


def photos_of_source(connection: sqlite3.Connection, source_sha256: str) -> list[StoredPhoto]:
    """Everything that was made from one file and is not in the trash, the file itself included; the smallest first."""
    query = f"{_SELECT} WHERE source_sha256 = ? AND deleted_at IS NULL ORDER BY width_px * height_px, id"
    return _all(connection, query, (source_sha256,))


def with_those_of_its_source(connection: sqlite3.Connection, photo: StoredPhoto) -> list[StoredPhoto]:
    """A photo, and whatever else was made from the same file and is in the trash, or is not, like it."""
    if photo.source_sha256 is None:
        return [photo]
    query = f"{_SELECT} WHERE source_sha256 = ? AND (deleted_at IS NULL) = ? ORDER BY id"
    return _all(connection, query, (photo.source_sha256, not photo.is_in_trash))


def photos_in_trash(
    connection: sqlite3.Connection, limit: int, after: int = 0, deleted_before: str = "9999"
) -> list[StoredPhoto]:
    """A page of the photos in the trash, by id, starting behind `after`."""
    query = f"{_SELECT} WHERE deleted_at < ? AND id > ? ORDER BY id LIMIT ?"
    return _all(connection, query, (deleted_before, after, limit))


def photos_by_id(connection: sqlite3.Connection, limit: int, after: int) -> list[StoredPhoto]:
    """A page of all photos by id, those in the trash included, starting behind `after`."""
    return _all(connection, f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", (after, limit))


def photos_without_details(connection: sqlite3.Connection, limit: int, after: int) -> list[StoredPhoto]:
    """A page of the photos whose headers have not been read, by id, starting behind `after`."""
    return _all(connection, f"{_SELECT} WHERE has_details = 0 AND id > ? ORDER BY id LIMIT ?", (after, limit))


def count_photos(connection: sqlite3.Connection) -> int:
    """How many photos the index has, without the trash."""
    return int(connection.execute("SELECT count(*) FROM photos WHERE deleted_at IS NULL").fetchone()[0])


def is_path_taken(connection: sqlite3.Connection, path: str, sha256: str) -> bool:
    """True if another photo is stored under this path, letter case aside."""
    query = "SELECT 1 FROM photos WHERE path_folded = ? AND sha256 <> ?"
    return connection.execute(query, (fold_path(path), sha256)).fetchone() is not None


def insert_photo(connection: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Add a photo, its id included."""
    connection.execute(_INSERT, (*astuple(photo), fold_path(photo.path)))


def update_photo(connection: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Write all that is known of a photo that the index has, by its id."""
    connection.execute(_UPDATE, (*astuple(photo), fold_path(photo.path), photo.id))


def remove_photo(connection: sqlite3.Connection, photo_id: int) -> None:
    """Forget a photo for good: its row, keys, words and albums. Its id is never given again."""
    _remember_last_id(connection)
    for table, column in (
        ("keys", "photo_id"),
        ("album_photos", "photo_id"),
        ("photo_words", "rowid"),
        ("photos", "id"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (photo_id,))  # noqa: S608 - our own names


def next_id(connection: sqlite3.Connection) -> int:
    """The id for the next photo; only inside a write transaction."""
    return _last_id(connection) + 1


def _last_id(connection: sqlite3.Connection) -> int:
    """The highest id that any photo has or had."""
    query = (
        "SELECT max(coalesce(max(id), 0), coalesce((SELECT value FROM meta WHERE name = 'last_id'), 0) + 0) FROM photos"
    )
    return int(connection.execute(query).fetchone()[0])


def _remember_last_id(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('last_id', ?)", (str(_last_id(connection)),))


def remember_key(connection: sqlite3.Connection, key: str, photo: StoredPhoto) -> None:
    """From now on, `key` identifies this photo."""
    query = "INSERT INTO keys VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET photo_id = excluded.photo_id"
    connection.execute(query, (key, photo.id))


def _one(connection: sqlite3.Connection, query: str, value: str | int) -> StoredPhoto | None:
    row = connection.execute(query, (value,)).fetchone()
    return StoredPhoto(*row) if row else None


def _all(connection: sqlite3.Connection, query: str, values: Sequence[str | int]) -> list[StoredPhoto]:
    return [StoredPhoto(*row) for row in connection.execute(query, values)]
