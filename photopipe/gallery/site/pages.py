"""The pages of the gallery as HTML, for the server and for a static site alike."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from photopipe.gallery.index.albums import Album
from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.addresses import Addresses
from photopipe.gallery.site.dates import by_day, day_in_words, span_in_words, time_in_words
from photopipe.gallery.site.links import Feed, Links
from photopipe.gallery.site.tile_json import tile_as_json

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC_FOLDER: Final = Path(__file__).parent / "static"
"""The files that every page uses."""
GRID_PHOTOS: Final = 100
"""How many photos a page of the grid begins with; its script loads the others."""
_ROW_HEIGHT_PX: Final = 220
_NARROWEST, _WIDEST = 0.5, 3.0
_OPTIONAL: Final = ("title", "caption", "keywords", "camera", "lens", "exposure", "albums", "original")
_ALL: Final = PhotoFilter()


class Pages:
    """Renders pages.

    Args:
        title: name of the gallery, shown at the top of every page.
        addresses: where the pictures are.
        links: where the pages are.
    """

    def __init__(self, title: str, addresses: Addresses | None = None, links: Links | None = None) -> None:
        self._addresses = addresses or Addresses()
        self._links = links or Links()
        self._shared = {"site_title": title, "links": self._links}

    def grid(
        self,
        tiles: Iterable[Tile],
        feed: Feed,
        *,
        heading: str = "",
        subheading: str = "",
        photos: int | None = None,
        wanted: PhotoFilter = _ALL,
        older: str | None = None,
        newest: str | None = None,
    ) -> str:
        """Photos by day.

        Args:
            tiles: the first `GRID_PHOTOS` of them, newest first.
            feed: what the script of the page reads.
            heading: what they have in common: an album's name; empty for all photos.
            subheading: more about it.
            photos: how many there are in all, if that is known.
            wanted: the search whose results they are.
            older: address of the next page, for visitors without JavaScript.
            newest: address of the first page, if this is another.
        """
        days = [(day, [self._shown(tile) for tile in day.tiles]) for day in by_day(tiles)]
        return self._render(
            "grid.html",
            days=days,
            feed=feed,
            heading=heading,
            subheading=subheading,
            photos=photos,
            wanted=wanted,
            is_search=bool(wanted.text or wanted.since or wanted.until),
            older=older,
            newest=newest,
        )

    def albums(self, albums: Sequence[tuple[Album, Tile | None]]) -> str:
        """All albums, each with the photo on its cover."""
        shown = [
            (album, self._shown(cover) if cover else None, span_in_words(album.first_day, album.last_day))
            for album, cover in albums
        ]
        return self._render("albums.html", albums=shown)

    def photo(self, tile: Tile, *, newer: str | None = None, older: str | None = None) -> str:
        """One photo; `newer` and `older` are the addresses of its neighbours' pages."""
        when = f"{day_in_words(tile.photo.shown_at[:10])}, {tile.photo.shown_at[11:16]}"
        return self._render("photo.html", photo=self._shown(tile), when=when, newer=newer, older=older)

    def login(self, *, action: str, next_page: str = "", problem: str = "") -> str:
        """The form that asks for the password.

        Args:
            action: address the form is sent to.
            next_page: where the visitor wanted to go; sent along as `next`.
            problem: why the last try failed.
        """
        return self._render("login.html", action=action, next_page=next_page, problem=problem)

    def error(self, heading: str, message: str) -> str:
        """Says what went wrong, and leads back."""
        return self._render("error.html", heading=heading, message=message)

    def _render(self, template: str, **values: Any) -> str:
        return _templates().get_template(template).render(self._shared, **values)

    def _shown(self, tile: Tile) -> dict[str, Any]:
        """What `tile_as_json` says, and what only the HTML needs."""
        shown = tile_as_json(tile, self._addresses)
        photo = tile.photo
        ratio = photo.width_px / photo.height_px if photo.height_px else 1.0
        return (
            dict.fromkeys(_OPTIONAL, "")
            | shown
            | {
                "page": self._links.photo(photo.id),
                "label": f"{shown['alt']}, {time_in_words(photo.shown_at)}",
                "extension": photo.file_name.rpartition(".")[2].upper(),
                "srcset": _srcset(shown.get("thumbnails", [])),
                "large_srcset": _srcset(shown.get("sources", [])),
                "row_width": round(_ROW_HEIGHT_PX * min(max(ratio, _NARROWEST), _WIDEST)),
                "row_height": _ROW_HEIGHT_PX,
            }
        )


def _srcset(pictures: list[dict[str, Any]]) -> str:
    return ", ".join(f"{picture['url']} {picture['width']}w" for picture in pictures)


@functools.cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("photopipe.gallery.site")
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    made.filters["size"] = size_in_words
    return made


def size_in_words(size_bytes: int) -> str:
    """A file's length as `3.6 MB`."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000))} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"
