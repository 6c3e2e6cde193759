"""Reading the gallery: everything that is asked about the photos in one folder."""

import errno
import os
import stat
from collections.abc import Collection

from photopipe.gallery.index.albums import Album, albums_of_photos, all_albums
from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.listing import DayCount, PhotoFilter, count_listed, days, listed_photos, neighbours
from photopipe.gallery.index.stored_photo import (
    StoredPhoto,
    count_photos,
    photo_at,
    photo_with_id,
    photo_with_key,
    photo_with_sha256,
)
from photopipe.gallery.index.tile import Tile, tile_of


class PhotoReader:
    """Answers questions about the photos in one folder; safe to use from many threads.

    Args:
        folder: of a gallery whose index is there, and up to date.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)

    def find(self, key: str | None, sha256: str | None) -> list[tuple[StoredPhoto, str | None]]:
        """Photos with this key or these bytes that are not in the trash and whose files are still there.

        Returns:
            The photos, each with the key if the key names it.
        """
        with opened_index(self.folder) as index:
            by_key = photo_with_key(index, key) if key is not None else None
            by_bytes = photo_with_sha256(index, sha256) if sha256 is not None else None
        found = {photo: key if photo == by_key else None for photo in (by_key, by_bytes) if photo}
        return [(photo, owned) for photo, owned in found.items() if self.is_there(photo)]

    def photos(self, wanted: PhotoFilter, limit: int, after: int | None = None) -> tuple[list[StoredPhoto], int | None]:
        """One page of photos, newest first, including those whose files were deleted by hand.

        Returns:
            At most `limit`, and the `after` of the next page or None at the end.
        """
        with opened_index(self.folder) as index:
            photos = listed_photos(index, wanted, limit + 1, after)
        return photos[:limit], photos[limit - 1].id if len(photos) > limit else None

    def albums_of(self, photos: Collection[StoredPhoto]) -> dict[int, list[tuple[int, str]]]:
        """Id of each photo that is in albums -> number and name of them."""
        with opened_index(self.folder) as index:
            return albums_of_photos(index, [photo.id for photo in photos])

    def tiles(self, wanted: PhotoFilter, limit: int, after: int | None = None) -> tuple[list[Tile], int | None]:
        """One page of what is shown, newest first, without photos whose files were deleted by hand.

        Returns:
            At most `limit`, and the `after` of the next page or None at the end.
        """
        with opened_index(self.folder) as index:
            photos = listed_photos(index, wanted, limit + 1, after)
            following = photos[limit - 1].id if len(photos) > limit else None
            return [tile_of(index, photo) for photo in photos[:limit] if self.has_picture(photo)], following

    def tile(self, number: int) -> Tile | None:
        """The photo with this id and all that belongs to it, unless it is in the trash."""
        with opened_index(self.folder) as index:
            photo = photo_with_id(index, number)
            return tile_of(index, photo) if photo is not None and photo.deleted_at is None else None

    def neighbours(self, number: int) -> tuple[int | None, int | None]:
        """The ids of the next newer and the next older photo in the pages."""
        with opened_index(self.folder) as index:
            return neighbours(index, number)

    def count_shown(self, wanted: PhotoFilter) -> int:
        """How many photos a filter lets through."""
        with opened_index(self.folder) as index:
            return count_listed(index, wanted)

    def days(self, wanted: PhotoFilter) -> list[DayCount]:
        """Each day that has photos to show, newest first."""
        with opened_index(self.folder) as index:
            return days(index, wanted)

    def albums(self) -> list[Album]:
        """Every album with photos to show."""
        with opened_index(self.folder) as index:
            return all_albums(index)

    def with_id(self, number: int) -> StoredPhoto | None:
        """The photo with this id, even if it is in the trash."""
        with opened_index(self.folder) as index:
            return photo_with_id(index, number)

    def with_sha256(self, sha256: str) -> StoredPhoto | None:
        """The photo with these bytes, even if it is in the trash."""
        with opened_index(self.folder) as index:
            return photo_with_sha256(index, sha256)

    def at(self, path: str) -> StoredPhoto | None:
        """The photo stored under a relative path, even if its file was deleted by hand; none in the trash."""
        with opened_index(self.folder) as index:
            photo = photo_at(index, path)
        return photo if photo is not None and not photo.is_in_trash else None

    def count(self) -> int:
        """How many photos were stored, without those in the trash."""
        with opened_index(self.folder) as index:
            return count_photos(index)

    def file_path(self, photo: StoredPhoto) -> str:
        """The photo's file, absolute."""
        return os.path.join(self.folder, photo.path)

    def has_file(self, photo: StoredPhoto) -> bool:
        """True if the photo's file is on the disk with the length it was stored with."""
        return self._length_on_disk(photo) == photo.size_bytes

    def is_there(self, photo: StoredPhoto) -> bool:
        """True if the photo's file is where it was stored, with its length, and not in the trash."""
        return not photo.is_in_trash and self.has_file(photo)

    def has_picture(self, photo: StoredPhoto) -> bool:
        """True if there is a file to show, even one that its owner has edited."""
        return self._length_on_disk(photo) is not None

    def _length_on_disk(self, photo: StoredPhoto) -> int | None:
        try:
            found = os.lstat(self.file_path(photo))
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode) or leads_through_link(self.folder, photo.path):
            return None
        return found.st_size


def leads_through_link(folder: str, path: str) -> bool:
    """True if a folder on the way to a photo is a symbolic link: nothing outside of the gallery is shown or written.

    Args:
        folder: the gallery's, which may be reached through links itself.
        path: of the photo, relative.
    """
    names = path.split("/")[:-1]
    return any(os.path.islink(os.path.join(folder, *names[: depth + 1])) for depth in range(len(names)))


def refuse_link(folder: str, path: str) -> None:
    """Refuse to write where `leads_through_link` is true.

    Raises:
        OSError: it is.
    """
    if leads_through_link(folder, path):
        raise OSError(errno.ELOOP, f"{os.path.dirname(path)} is a link, which may lead out of the gallery", path)
