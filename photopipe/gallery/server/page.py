"""The part of the gallery that people look at: thumbnails by day, and the pictures themselves."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, abort, render_template, request, send_file

from photopipe.files.kinds import KINDS
from photopipe.gallery.api.query import asked_cursor
from photopipe.gallery.store.listing import PhotoFilter
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.stored_photo import StoredPhoto

PAGE_PHOTOS: Final = 200
SHOWN_BY_BROWSERS: Final = frozenset(kind.media_type for kind in KINDS if kind.is_shown_by_browsers)
_YEAR_S: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Day:
    """Photos of one day, as the page shows them.

    Attributes:
        date: `2025-10-03`.
        title: the date in words.
        photos: newest first.
    """

    date: str
    title: str
    photos: list[StoredPhoto]


def make_page(store: PhotoStore) -> Blueprint:
    """The routes `/` and `/photos/...`."""
    page = Blueprint("page", __name__)

    @page.get("/")
    def show_page() -> str:
        after = asked_cursor(request)
        photos, following = store.photos(PhotoFilter(which="stored"), PAGE_PHOTOS, after)
        days = by_day([photo for photo in photos if store.has_picture(photo)])
        return render_template(
            "page.html", days=days, showable=SHOWN_BY_BROWSERS, following=following, is_first=after is None
        )

    @page.get("/photos/<path:path>")
    def show_picture(path: str) -> Response:
        return _send_picture(store, path)

    return page


def by_day(photos: list[StoredPhoto]) -> list[Day]:
    """Photos grouped by the day they are filed under, in the same order."""
    groups = itertools.groupby(photos, key=lambda photo: photo.shown_at[:10])
    return [Day(day, _in_words(date.fromisoformat(day)), list(group)) for day, group in groups]


def _in_words(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


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
