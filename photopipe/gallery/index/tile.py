"""What one place in the pages stands for: a photo, and everything that belongs to it."""

import sqlite3
from dataclasses import dataclass

from photopipe.gallery.index.albums import albums_of_photo
from photopipe.gallery.index.stored_photo import StoredPhoto, photos_of_source


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo as the pages show it.

    Attributes:
        photo: the one that stands for all renditions of its source.
        renditions: all that browsers show, itself included; the smallest first.
        original: the untouched file, if it is in the gallery and is not `photo`; else None.
        albums: number and name of each album it is in.
    """

    photo: StoredPhoto
    renditions: tuple[StoredPhoto, ...]
    original: StoredPhoto | None
    albums: tuple[tuple[int, str], ...]


def tile_of(connection: sqlite3.Connection, photo: StoredPhoto) -> Tile:
    """Look up what belongs to a photo."""
    same = photos_of_source(connection, photo.source_sha256) if photo.source_sha256 is not None else [photo]
    return Tile(
        photo,
        renditions=tuple(one for one in same if not one.is_original) or (photo,),
        original=next((one for one in same if one.is_original and one.id != photo.id), None),
        albums=tuple(albums_of_photo(connection, photo.id)),
    )
