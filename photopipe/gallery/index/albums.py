"""Albums: names that senders gave with their photos. A photo can be in several."""

import json
import sqlite3
from dataclasses import dataclass

from photopipe.files.names import fold_path
from photopipe.gallery.index.stored_photo import StoredPhoto


@dataclass(frozen=True, slots=True)
class Album:
    """An album with at least one photo that is shown.

    Attributes:
        id: its number.
        name: as the first sender wrote it.
        photos: how many of its photos the pages show.
        cover_id: its newest photo.
        first_day: `2025-10-03`, the day of its oldest photo.
        last_day: the day of its newest photo.
    """

    id: int
    name: str
    photos: int
    cover_id: int
    first_day: str
    last_day: str


def put_in_album(connection: sqlite3.Connection, name: str, photo: StoredPhoto) -> None:
    """Put a photo into an album, which is made if there is none of that name, letter case aside."""
    connection.execute("INSERT OR IGNORE INTO albums (name, name_folded) VALUES (?, ?)", (name, fold_path(name)))
    query = "INSERT OR IGNORE INTO album_photos SELECT id, ? FROM albums WHERE name_folded = ?"
    connection.execute(query, (photo.id, fold_path(name)))


def albums_of_photo(connection: sqlite3.Connection, photo_id: int) -> list[tuple[int, str]]:
    """Number and name of each album a photo is in, by name."""
    query = """
        SELECT albums.id, albums.name FROM albums JOIN album_photos ON album_photos.album_id = albums.id
        WHERE album_photos.photo_id = ? ORDER BY albums.name_folded
    """
    return list(connection.execute(query, (photo_id,)))


def albums_of_photos(connection: sqlite3.Connection, photo_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """The same for many photos at once; one that is in no album is left out."""
    query = """
        SELECT album_photos.photo_id, albums.id, albums.name FROM json_each(?) AS wanted
        JOIN album_photos ON album_photos.photo_id = wanted.value
        JOIN albums ON albums.id = album_photos.album_id ORDER BY albums.name_folded
    """
    albums: dict[int, list[tuple[int, str]]] = {}
    for photo_id, *album in connection.execute(query, (json.dumps(photo_ids),)):
        albums.setdefault(photo_id, []).append((album[0], album[1]))
    return albums


def all_albums(connection: sqlite3.Connection) -> list[Album]:
    """Every album that has photos to show, the one with the newest photo first."""
    query = """
        SELECT albums.id, albums.name, count(*),
            substr(min(photos.shown_at), 1, 10), substr(max(photos.shown_at), 1, 10)
        FROM albums JOIN album_photos ON album_photos.album_id = albums.id
        JOIN photos ON photos.id = album_photos.photo_id AND photos.is_listed = 1
        GROUP BY albums.id ORDER BY max(photos.shown_at) DESC, albums.name_folded
    """
    rows = connection.execute(query).fetchall()
    return [Album(number, name, count, _cover_of(connection, number), *days) for number, name, count, *days in rows]


def _cover_of(connection: sqlite3.Connection, album_id: int) -> int:
    query = """
        SELECT photos.id FROM album_photos JOIN photos ON photos.id = album_photos.photo_id AND photos.is_listed = 1
        WHERE album_photos.album_id = ? ORDER BY photos.width_px > 0 DESC, photos.shown_at DESC, photos.id DESC LIMIT 1
    """
    return int(connection.execute(query, (album_id,)).fetchone()[0])
