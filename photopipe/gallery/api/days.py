"""What the script of the pages reads: the days that have photos, and the photos of a day."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from photopipe.gallery.api.answer_cache import AnswerCache
from photopipe.gallery.api.query import asked_cursor, asked_filter, checked_day
from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.site.addresses import Addresses
from photopipe.gallery.site.day_json import DAY_PHOTOS, day_as_json, days_as_json
from photopipe.gallery.store.store import PhotoStore


def make_days(store: PhotoStore) -> Blueprint:
    """The routes `/api/days` and `/api/days/DAY`."""
    routes = Blueprint("days", __name__, url_prefix="/days")

    cache = AnswerCache(store)

    @routes.get("")
    def list_days() -> Response:
        wanted = asked_filter(request)
        return _revalidated(cache.get(wanted, lambda: _body(days_as_json(store.days(wanted)))))

    @routes.get("/<day>")
    def show_day(day: str) -> Response:
        wanted, day = asked_filter(request), checked_day(day, "day")
        only = PhotoFilter(wanted.text, since=day, until=day, album_id=wanted.album_id)
        tiles, following = store.tiles(only, DAY_PHOTOS, asked_cursor(request))
        return _revalidated(_body(day_as_json(tiles, _address_of(day, following), Addresses())))

    return routes


def _address_of(day: str, after: int | None) -> str | None:
    """Where the photos of this day go on, for the same question."""
    if after is None:
        return None
    return f"/api/days/{day}?{urlencode(request.args.to_dict() | {'after': str(after)})}"


def _body(content: dict[str, Any]) -> bytes:
    return jsonify(content).get_data()


def _revalidated(body: bytes) -> Response:
    """An answer that a browser keeps, but asks about each time: if nothing has changed, it is not sent again."""
    answer = Response(body, content_type="application/json")
    # A weak one, because the answer may be compressed on its way.
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32], weak=True)
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer
