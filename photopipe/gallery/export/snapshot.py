"""The gallery as it was when the export began, whatever arrives or goes while it is written."""

import heapq
import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from photopipe.errors import GalleryBroken, UsageError
from photopipe.files.names import fold_path
from photopipe.gallery.index.albums import Album, all_albums
from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.listing import PhotoFilter, days, each_listed_photo
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.index.tile import Tile, tile_of
from photopipe.gallery.maintenance.missing_details import read_missing_details
from photopipe.gallery.store.identity import gallery_identity
from photopipe.gallery.store.store import PhotoStore


class Snapshot:
    """Reads the index inside one transaction.

    Args:
        index: a connection that has begun to read.
        album_names: albums that are wanted, letter case aside; empty for the whole gallery.

    Attributes:
        albums: those that are wanted, the one with the newest photo first.

    Raises:
        UsageError: there is no such album.
    """

    def __init__(self, index: sqlite3.Connection, album_names: Sequence[str]) -> None:
        self._index = index
        self.albums = all_albums(index)
        self._is_whole = not album_names
        if album_names:
            self.albums = _named(self.albums, album_names)

    @classmethod
    @contextmanager
    def taken(cls, folder: str, album_names: Sequence[str], is_stopped: Callable[[], bool]) -> Iterator["Snapshot"]:
        """The gallery in a folder, as it is now. What an earlier version has not read of its photos is read first.

        Raises:
            GalleryBroken: there is none, or it cannot be read.
            UsageError: there is no such album.
        """
        if gallery_identity(folder) is None:
            raise GalleryBroken(f"{folder}: there is no gallery in this folder. Name another one with --gallery-dir.")
        with PhotoStore(folder) as store, opened_index(folder) as index:
            read_missing_details(store, is_stopped)
            index.execute("BEGIN")
            yield cls(index, album_names)

    def count(self) -> int:
        """How many photos there are to be shown; photos in several albums count several times."""
        if self._is_whole:
            return sum(day.photos for day in days(self._index, PhotoFilter()))
        return sum(album.photos for album in self.albums)

    def tiles(self) -> Iterator[Tile]:
        """Every photo to be shown, newest first."""
        if self._is_whole:
            return self._with_all_that_belongs(each_listed_photo(self._index, PhotoFilter()))
        listings = [each_listed_photo(self._index, PhotoFilter(album_id=album.id)) for album in self.albums]
        merged = heapq.merge(*listings, key=lambda photo: (photo.shown_at, photo.id), reverse=True)
        once = (next(same) for _, same in itertools.groupby(merged, key=lambda photo: photo.id))
        return self._with_all_that_belongs(once)

    def tiles_of_album(self, album: Album) -> Iterator[Tile]:
        """The photos of one album, newest first."""
        return self._with_all_that_belongs(each_listed_photo(self._index, PhotoFilter(album_id=album.id)))

    def _with_all_that_belongs(self, photos: Iterator[StoredPhoto]) -> Iterator[Tile]:
        numbers = {album.id for album in self.albums}
        for photo in photos:
            tile = tile_of(self._index, photo)
            yield replace(tile, albums=tuple(album for album in tile.albums if album[0] in numbers))


def _named(albums: list[Album], names: Sequence[str]) -> list[Album]:
    wanted = {fold_path(name): name for name in names}
    found = [album for album in albums if fold_path(album.name) in wanted]
    missing = wanted.keys() - {fold_path(album.name) for album in found}
    if missing:
        there = ", ".join(repr(album.name) for album in albums) or "none"
        raise UsageError(f"--album: there is no album {wanted[min(missing)]!r} with photos. Albums are: {there}.")
    return found
