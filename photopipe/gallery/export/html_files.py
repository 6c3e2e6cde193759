"""The pages of the site: complete without JavaScript, and the script of the first one loads the data."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from photopipe.gallery.export.site_folder import SiteFile, SiteFolder, text_file
from photopipe.gallery.index.albums import Album
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.dates import span_in_words
from photopipe.gallery.site.links import Feed, Links
from photopipe.gallery.site.pages import GRID_PHOTOS, Pages

LINKS: Final = Links(
    home="index.html",
    albums="albums.html",
    album_pattern="album-{id}.html",
    photo_pattern="photo-{id}.html",
    static="static/",
    can_search=False,
    may_be_on_disk=True,
)
"""All pages lie at the top of the site, so that addresses are the same in each of them."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Photos that have pages of their own: all, or those of an album.

    Attributes:
        first_page: file of its newest photos.
        following: what the names of the files of its other pages begin with.
        data: folder of the data of its days.
        heading: an album's name; empty for all photos.
        subheading: more about it.
    """

    first_page: str
    following: str
    data: str
    heading: str = ""
    subheading: str = ""

    def page(self, number: int) -> str:
        """File of another page; number 1 has the oldest photos."""
        return f"{self.following}-{number}.html"


ALL_PHOTOS: Final = Listing(LINKS.home, "page", "data")


def listing_of(album: Album) -> Listing:
    """The pages of an album."""
    span = span_in_words(album.first_day, album.last_day)
    return Listing(LINKS.album(album.id), f"album-{album.id}-page", f"data/album-{album.id}", album.name, span)


def photo_pages(pages: Pages, tiles: Iterable[Tile]) -> Iterator[tuple[Tile, SiteFile]]:
    """Each photo with its own page, which leads to its neighbours."""
    newer: Tile | None = None
    tile: Tile | None = None
    for older in itertools.chain(tiles, [None]):
        if tile is not None:
            text = pages.photo(tile, newer=_photo_page(newer), older=_photo_page(older))
            yield tile, text_file(LINKS.photo(tile.photo.id), text)
        newer, tile = tile, older


def put_grid_pages(site: SiteFolder, pages: Pages, listing: Listing, tiles: Iterator[Tile], photos: int) -> None:
    """Write the pages of a listing, the oldest photos first.

    Pages are numbered from the oldest photos on, and all but the newest have the same number of photos: new photos
    change the newest page, and not every page behind it.

    Args:
        site: where.
        pages: renders them.
        listing: which.
        tiles: its photos, newest first.
        photos: how many.
    """
    others = max(0, photos - GRID_PHOTOS // 2) // GRID_PHOTOS
    newest = list(itertools.islice(tiles, photos - others * GRID_PHOTOS))
    for number in range(others, 0, -1):
        following = list(itertools.islice(tiles, GRID_PHOTOS))
        text = _grid(pages, listing, following, photos, older=number - 1, is_first=False)
        site.put([text_file(listing.page(number), text)])
    # The first page comes last, when all that it leads to is there.
    text = _grid(pages, listing, newest, photos, older=others, is_first=True)
    site.put([text_file(listing.first_page, text)])


def _grid(pages: Pages, listing: Listing, tiles: Sequence[Tile], photos: int, *, older: int, is_first: bool) -> str:
    return pages.grid(
        tiles,
        Feed(f"{listing.data}/days.json", f"{listing.data}/days/{{day}}.json"),
        heading=listing.heading,
        subheading=listing.subheading,
        photos=photos,
        older=listing.page(older) if older else None,
        newest=None if is_first else listing.first_page,
    )


def _photo_page(tile: Tile | None) -> str | None:
    return LINKS.photo(tile.photo.id) if tile is not None else None
