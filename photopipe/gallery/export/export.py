"""START HERE: the steps of an export, in their order.

First come the pictures, then the data that leads to them, then the pages, and in the end what is gone is removed: a
visitor who comes meanwhile finds everything that a page shows.
"""

import errno
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from photopipe.errors import DiskFull, GalleryBroken
from photopipe.gallery.export.day_files import DayFiles
from photopipe.gallery.export.html_files import ALL_PHOTOS, LINKS, listing_of, photo_pages, put_grid_pages
from photopipe.gallery.export.published import Published, SiteAddresses
from photopipe.gallery.export.site_folder import FileCounts, SiteFolder, text_file
from photopipe.gallery.export.snapshot import Snapshot
from photopipe.gallery.export.static_files import static_files
from photopipe.gallery.export.target import check_target
from photopipe.gallery.index.albums import Album
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.pages import Pages
from photopipe.gallery.site.tile_json import has_picture
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

_AT_ONCE: Final = 32
"""Photos whose files are written side by side."""


@dataclass(frozen=True, slots=True)
class SiteWishes:
    """What a site is to be.

    Attributes:
        title: name of the gallery, at the top of every page.
        album_names: albums that are wanted, letter case aside; empty for the whole gallery.
        with_originals: whether untouched originals go out.
    """

    title: str
    album_names: Sequence[str] = ()
    with_originals: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has done.

    Attributes:
        photos: how many the site shows.
        albums: likewise.
        left_out: photos that are not shown, because their files are missing, or because they are untouched originals
            and no preview can be made of them.
        files: what became of the files.
    """

    photos: int
    albums: int
    left_out: int
    files: FileCounts


def export_site(
    gallery_folder: str,
    target: str,
    wishes: SiteWishes,
    *,
    is_stopped: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> Exported:
    """Write a gallery as a static site, or bring the site of an earlier export up to date.

    Args:
        gallery_folder: the gallery's folder.
        target: the site's folder: one that is not there, is empty, or holds an earlier export.
        wishes: what the site is to be.
        is_stopped: asked often, from several threads: whether to end at once.
        progress: called with the number of photos whose files are there, and of all.

    Raises:
        UsageError: the folder holds something else, or there is no such album.
        GalleryBroken: there is no gallery, or one of the folders cannot be used.
        DiskFull: no room is left for the site.
        LockHeld: another export writes there.
        RunStopped: `is_stopped` said so; the next export goes on.
    """
    gallery_folder, target = os.path.abspath(gallery_folder), os.path.abspath(target)
    with ExitStack() as stack:
        stack.enter_context(_explained(target, gallery_folder))
        check_target(target, gallery_folder)
        snapshot = stack.enter_context(Snapshot.taken(gallery_folder, wishes.album_names, is_stopped))
        thumbnails = stack.enter_context(Thumbnails(gallery_folder, most_waiting=os.cpu_count() or 1))
        site = stack.enter_context(SiteFolder.opened(target, is_stopped))
        published = Published(site, gallery_folder, thumbnails, with_originals=wishes.with_originals)
        return _Export(snapshot, site, published, wishes).run(progress)


class _Export:
    """One export: what its steps share."""

    def __init__(self, snapshot: Snapshot, site: SiteFolder, published: Published, wishes: SiteWishes) -> None:
        self._snapshot = snapshot
        self._site = site
        self._published = published
        self._addresses = SiteAddresses(with_originals=wishes.with_originals)
        self._pages = Pages(wishes.title, self._addresses, LINKS)
        self._left_out = 0

    def run(self, progress: Callable[[int, int], None]) -> Exported:
        """Take all steps."""
        photos = self._put_photos(progress)
        albums = [shown for album in self._snapshot.albums if (shown := self._put_album_data(album))]
        self._site.put(static_files())
        for album, _cover in albums:
            tiles = self._shown(self._snapshot.tiles_of_album(album))
            put_grid_pages(self._site, self._pages, listing_of(album), tiles, album.photos)
        self._site.put([text_file(LINKS.albums, self._pages.albums(albums))])
        put_grid_pages(self._site, self._pages, ALL_PHOTOS, self._shown(self._snapshot.tiles()), photos)
        self._site.remove_gone()
        return Exported(photos, len(albums), self._left_out, self._site.counts)

    def _put_photos(self, progress: Callable[[int, int], None]) -> int:
        """The pictures, the page of each photo and the data of each day; how many photos are shown."""
        days = DayFiles(self._site, ALL_PHOTOS.data, self._addresses)
        pages = photo_pages(self._pages, self._with_files(progress))
        while batch := list(itertools.islice(pages, _AT_ONCE)):
            self._site.put([page for _, page in batch])
            for tile, _ in batch:
                days.add(tile)
        days.finish()
        return days.photos

    def _with_files(self, progress: Callable[[int, int], None]) -> Iterator[Tile]:
        """Every photo that is shown, once its files are there."""
        tiles, total, done = self._snapshot.tiles(), self._snapshot.count(), 0
        while batch := list(itertools.islice(tiles, _AT_ONCE)):
            self._published.put(batch)
            shown = list(self._shown(iter(batch)))
            self._left_out += len(batch) - len(shown)
            yield from shown
            done += len(batch)
            progress(done, total)

    def _put_album_data(self, album: Album) -> tuple[Album, Tile | None] | None:
        """The data of an album's days; what the site shows of the album, and its cover; None if that is nothing."""
        days = DayFiles(self._site, listing_of(album).data, self._addresses)
        cover: Tile | None = None
        for tile in self._shown(self._snapshot.tiles_of_album(album)):
            if cover is None and has_picture(tile.photo):
                cover = tile
            days.add(tile)
        if not days.photos:
            return None
        days.finish()
        return replace(album, photos=days.photos, first_day=days.days[-1].day, last_day=days.days[0].day), cover

    def _shown(self, tiles: Iterator[Tile]) -> Iterator[Tile]:
        return (shown for tile in tiles if (shown := self._published.shown(tile)) is not None)


@contextmanager
def _explained(target: str, gallery_folder: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        advice = "`photopipe gallery rebuild` repairs it."
        raise GalleryBroken(f"{gallery_folder}: the gallery's index cannot be read: {error}. {advice}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{target}: no room is left for the site. Make room and export again.") from error
        raise GalleryBroken(f"{target}: the site cannot be written: {error.strerror or error}.") from error
