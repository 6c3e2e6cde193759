"""The small pictures of the pages, over HTTP."""

from typing import Final

from flask import Blueprint, Response, abort, request

from photopipe.gallery.api.answers import try_again_later
from photopipe.gallery.site.thumbnail_sizes import THUMBNAIL_SIZES
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails, ThumbnailsBusy

_YEAR_S: Final = 365 * 24 * 3600
_RETRY_AFTER_S: Final = 1


def make_thumbnail_route(store: PhotoStore, thumbnails: Thumbnails) -> Blueprint:
    """The route `/thumbs/SHA256/SIZE.webp`."""
    route = Blueprint("thumbnails", __name__)

    @route.get("/thumbs/<sha256>/<int:size_px>.webp")
    def show_thumbnail(sha256: str, size_px: int) -> Response:
        try:
            return _answer(_thumbnail(store, thumbnails, sha256, size_px), f"{sha256}-{size_px}")
        except ThumbnailsBusy:
            return try_again_later("too many thumbnails are being made; try again", "busy", _RETRY_AFTER_S)

    return route


def _thumbnail(store: PhotoStore, thumbnails: Thumbnails, sha256: str, size_px: int) -> bytes:
    # Only hashes in the index are looked for, so none can lead out of the folder.
    photo = store.with_sha256(sha256)
    size = THUMBNAIL_SIZES.get(size_px)
    if photo is None or size is None or photo.deleted_at is not None or not store.has_picture(photo):
        abort(404, "there is no such thumbnail")
    data = thumbnails.get(sha256, store.file_path(photo), size)
    if data is None:
        abort(404, "no picture can be made of this photo")
    return data


def _answer(data: bytes, etag: str) -> Response:
    answer = Response(data, mimetype="image/webp")
    answer.set_etag(etag)
    answer.cache_control.private = True
    answer.cache_control.immutable = True
    answer.cache_control.max_age = _YEAR_S
    answer.make_conditional(request)
    return answer
