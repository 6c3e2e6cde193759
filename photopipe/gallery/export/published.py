"""What of a photo goes out, and the files that this takes: private by default."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import unquote

from photopipe.errors import DownloadError, PhotoUnreadable
from photopipe.gallery.export.site_folder import SiteFile, SiteFolder, link_or_copy, write_data
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.addresses import PREVIEW_SIDE_PX, Addresses
from photopipe.gallery.site.thumbnail_sizes import THUMBNAIL_SIZES
from photopipe.gallery.site.tile_json import has_picture, tile_as_json
from photopipe.gallery.thumbnails.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class SiteAddresses(Addresses):
    """The addresses in the site, relative to its pages.

    Attributes:
        with_originals: whether untouched originals are in the site; if not, a preview stands for them.
    """

    root: str = ""
    with_originals: bool = False

    def picture(self, photo: StoredPhoto) -> str:
        """Of the stored file, or of what stands for it."""
        if photo.is_original and not self.with_originals:
            return self.thumbnail(photo, PREVIEW_SIDE_PX)
        return Addresses.picture(self, photo)


@dataclass(frozen=True, slots=True)
class _AskedAddresses(SiteAddresses):
    """Remembers which files it was asked for."""

    pictures: list[StoredPhoto] = field(default_factory=list)
    thumbnails: list[tuple[StoredPhoto, int]] = field(default_factory=list)

    def picture(self, photo: StoredPhoto) -> str:
        if not photo.is_original or self.with_originals:
            self.pictures.append(photo)
        return SiteAddresses.picture(self, photo)

    def thumbnail(self, photo: StoredPhoto, size: int) -> str:
        self.thumbnails.append((photo, size))
        return Addresses.thumbnail(self, photo, size)


class Published:
    """Puts the files of photos into the site.

    Args:
        site: where.
        gallery_folder: where the photos are.
        thumbnails: of the photos there.
        with_originals: whether untouched originals go out, which say where they were taken and with which camera.
    """

    def __init__(self, site: SiteFolder, gallery_folder: str, thumbnails: Thumbnails, *, with_originals: bool) -> None:
        self._site = site
        self._gallery_folder = gallery_folder
        self._thumbnails = thumbnails
        self._with_originals = with_originals

    def put(self, tiles: Sequence[Tile]) -> None:
        """Put all files of some photos; afterwards `shown` knows which of them could be made."""
        files = {file.path: file for tile in tiles for file in self._files_of(tile)}
        self._site.put(list(files.values()))

    def shown(self, tile: Tile) -> Tile | None:
        """A photo as the site shows it, after `put`; None if there is nothing of it that may be shown."""
        tile = self._allowed(tile)
        photo = self._as_far_as_thumbnails_go(tile.photo)
        if self._is_held_back(photo):
            preview = self._site.find(_thumbnail_path(photo, PREVIEW_SIDE_PX))
            if preview is None or not has_picture(photo):
                return None
            photo = replace(photo, size_bytes=preview.size_bytes)
        elif not self._has_file(tile.photo):
            return None
        original = tile.original if tile.original is not None and self._has_file(tile.original) else None
        return replace(tile, photo=photo, renditions=tuple(filter(self._has_file, tile.renditions)), original=original)

    def _is_held_back(self, photo: StoredPhoto) -> bool:
        return photo.is_original and not self._with_originals

    def _allowed(self, tile: Tile) -> Tile:
        """The photo without the files that do not go out."""
        if self._with_originals:
            return tile
        photo = tile.photo
        if photo.is_original:
            # It is offered as the preview that stands for it, as if browsers could not show the file itself.
            photo = replace(photo, content_type="", path=os.path.splitext(photo.path)[0] + ".webp")
        renditions = tuple(one for one in tile.renditions if not one.is_original)
        return replace(tile, photo=photo, renditions=renditions, original=None)

    def _files_of(self, tile: Tile) -> Iterator[SiteFile]:
        stored = self._path_of(tile.photo)
        if _version_of(stored) is None:
            return
        asked = _asked_for(self._allowed(tile), with_originals=self._with_originals)
        for photo in asked.pictures:
            source = self._path_of(photo)
            version = _version_of(source)
            if version is not None:
                yield SiteFile(_picture_path(photo), version, partial(link_or_copy, source))
        for photo, size in asked.thumbnails:
            write = partial(self._write_thumbnail, photo, size, stored)
            yield SiteFile(_thumbnail_path(photo, size), photo.sha256, write)

    def _as_far_as_thumbnails_go(self, photo: StoredPhoto) -> StoredPhoto:
        """The photo, or, if no thumbnails can be made of it, one that has no picture."""
        asked = _asked_for(Tile(photo, (), None, ()), with_originals=self._with_originals)
        are_there = None not in (self._site.find(_thumbnail_path(*one)) for one in asked.thumbnails)
        return photo if are_there else replace(photo, width_px=0, height_px=0)

    def _has_file(self, photo: StoredPhoto) -> bool:
        return self._site.find(_picture_path(photo)) is not None

    def _write_thumbnail(self, photo: StoredPhoto, size: int, stored: str, path: str) -> None:
        """Write it to `path`; it is made of the file `stored`."""
        try:
            data = self._thumbnails.get(photo.sha256, stored, THUMBNAIL_SIZES[size])
        except OSError as error:
            raise DownloadError(f"cannot be read: {error.strerror}") from error
        if data is None:
            raise PhotoUnreadable("no picture can be made of it")
        write_data(path, data)

    def _path_of(self, photo: StoredPhoto) -> str:
        return os.path.join(self._gallery_folder, photo.path)


def _asked_for(tile: Tile, *, with_originals: bool) -> _AskedAddresses:
    """What the pages load of a photo that has been reduced to what goes out."""
    asked = _AskedAddresses(with_originals=with_originals)
    tile_as_json(tile, asked)
    return asked


def _version_of(path: str) -> str | None:
    """What changes with the content of a plain file; None for anything else."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return f"{found.st_size} {found.st_mtime_ns}" if stat.S_ISREG(found.st_mode) else None


def _picture_path(photo: StoredPhoto) -> str:
    return unquote(Addresses("").picture(photo))


def _thumbnail_path(photo: StoredPhoto, size: int) -> str:
    return unquote(Addresses("").thumbnail(photo, size))
