"""The part of the gallery that people look at: the pages, and the pictures themselves."""

from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, send_file

from photopipe.files.kinds import KINDS
from photopipe.gallery.access.asked import LOGOUT_PATH
from photopipe.gallery.api.query import asked_cursor, asked_filter
from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.server.guards import visitor_rights
from photopipe.gallery.site.dates import span_in_words
from photopipe.gallery.site.links import Feed, Links
from photopipe.gallery.site.pages import GRID_PHOTOS, STATIC_FOLDER, Pages
from photopipe.gallery.store.store import PhotoStore

SHOWN_BY_BROWSERS: Final = frozenset(kind.media_type for kind in KINDS if kind.is_shown_by_browsers)
_YEAR_S: Final = 365 * 24 * 3600
_NUMBER: Final = f"<int(max={2**63 - 1}):number>"
"""SQLite has no larger ones."""


def make_page(store: PhotoStore, title: str) -> Blueprint:
    """The routes of the pages, of what they load, and of the stored files.

    Args:
        store: the photos.
        title: what the pages call the gallery.
    """
    page = Blueprint("page", __name__, static_folder=STATIC_FOLDER, static_url_path="/static")
    answers = PageAnswers(store, title)
    page.add_url_rule("/", view_func=answers.all_photos)
    page.add_url_rule("/albums", view_func=answers.albums)
    page.add_url_rule(f"/albums/{_NUMBER}", view_func=answers.album)
    page.add_url_rule(f"/photo/{_NUMBER}", view_func=answers.photo)

    @page.get("/photos/<path:path>")
    def show_picture(path: str) -> Response:
        return _send_picture(store, path)

    return page


class PageAnswers:
    """Answers every request for a page.

    Args:
        store: the photos.
        title: what the pages call the gallery.
    """

    def __init__(self, store: PhotoStore, title: str) -> None:
        self._store = store
        self._title = title

    @property
    def _pages(self) -> Pages:
        """The pages as this visitor sees them."""
        return Pages(self._title, links=Links(logout=LOGOUT_PATH if visitor_rights().is_logged_in else None))

    def all_photos(self) -> str:
        """All photos, or the results of a search."""
        wanted = replace(asked_filter(request), album_id=None)
        search = {name: request.args[name] for name in ("q", "from", "to") if request.args.get(name)}
        return self._grid(wanted, "/", search, search, {})

    def albums(self) -> str:
        """All albums."""
        return self._pages.albums([(album, self._store.tile(album.cover_id)) for album in self._store.albums()])

    def album(self, number: int) -> str:
        """The photos of one album."""
        album = next((album for album in self._store.albums() if album.id == number), None)
        if album is None:
            abort(404, "there is no such album")
        texts = {"heading": album.name, "subheading": span_in_words(album.first_day, album.last_day)}
        return self._grid(PhotoFilter(album_id=number), f"/albums/{number}", {}, {"album": str(number)}, texts)

    def photo(self, number: int) -> str:
        """One photo."""
        tile = self._store.tile(number)
        if tile is None:
            abort(404, "there is no such photo")
        newer, older = self._store.neighbours(number)
        return self._pages.photo(
            tile,
            newer=f"/photo/{newer}" if newer is not None else None,
            older=f"/photo/{older}" if older is not None else None,
        )

    def _grid(
        self, wanted: PhotoFilter, path: str, query: dict[str, str], feed_query: dict[str, str], texts: dict[str, Any]
    ) -> str:
        """A page of photos.

        Args:
            wanted: which photos.
            path: the page's address.
            query: what it is asked for with, but for `after`.
            feed_query: what its script asks the API with.
            texts: its heading and subheading.
        """
        after = asked_cursor(request)
        tiles, following = self._store.tiles(wanted, GRID_PHOTOS, after)
        return self._pages.grid(
            tiles,
            Feed(
                days=_address("/api/days", feed_query),
                day_pattern=_address("/api/days/{day}", feed_query),
                events="/api/events",
                write_pattern="/api/photos/{id}" if visitor_rights().may_write else None,
            ),
            photos=self._store.count_shown(wanted),
            wanted=wanted,
            older=_address(path, query | {"after": str(following)}) if following is not None else None,
            newest=_address(path, query) if after is not None else None,
            **texts,
        )


def _address(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _send_picture(store: PhotoStore, path: str) -> Response:
    # Only paths in the index are served, so no path can lead out of the folder.
    photo = store.at(path)
    if photo is None or not store.has_picture(photo):
        abort(404, "there is no such photo")
    if not store.has_file(photo):  # its owner has edited it, so browsers must not cache it
        return send_file(store.file_path(photo), mimetype=photo.content_type, max_age=0)
    answer = send_file(
        store.file_path(photo), mimetype=photo.content_type, etag=photo.sha256, max_age=_YEAR_S, conditional=True
    )
    answer.cache_control.public = False
    answer.cache_control.private = True
    answer.cache_control.immutable = True
    return answer
