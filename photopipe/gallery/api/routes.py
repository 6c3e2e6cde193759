"""The routes under `/api`; those for the pages' script are in `days.py`."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, request

from photopipe.gallery.api.answers import try_again_later
from photopipe.gallery.api.days import make_days
from photopipe.gallery.api.event_stream import EVENT_STREAM_TYPE, FIRST_LINE, EventStream
from photopipe.gallery.api.photo_json import album_as_json, photo_as_json
from photopipe.gallery.api.query import asked_cursor, asked_filter, asked_number, asked_yes, whole_number
from photopipe.gallery.api.upload_form import read_upload
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.store.store import PhotoStore

PROTOCOL: Final = 1
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000
_NO_PHOTO: Final = "there is no such photo"


def make_api(store: PhotoStore, events: EventStream, url_of: Callable[[str], str]) -> Blueprint:
    """The routes under `/api`.

    Args:
        store: the photos.
        events: tells open pages about changes.
        url_of: see `photo_urls`.
    """
    api = Blueprint("api", __name__, url_prefix="/api")
    photos = PhotoAnswers(store, url_of)
    api.add_url_rule("/photos", view_func=photos.add, methods=["POST"])
    api.add_url_rule("/photos", view_func=photos.list_page)
    api.add_url_rule("/photos/<number>", view_func=photos.show)
    api.add_url_rule("/photos/<number>", view_func=photos.delete, methods=["DELETE"])
    api.add_url_rule("/photos/<number>/restore", view_func=photos.restore, methods=["POST"])
    api.add_url_rule("/photos/by-checksum/<sha256>", view_func=photos.show_with_checksum)

    api.register_blueprint(make_days(store))

    @api.get("/health")
    def health() -> Response:
        return jsonify(name="photopipe-gallery", protocol=PROTOCOL, photos=store.count())

    @api.get("/albums")
    def list_albums() -> Response:
        return jsonify(albums=[album_as_json(album) for album in store.albums()])

    @api.get("/openapi.json")
    def describe() -> Response:
        from photopipe.gallery.api.openapi import openapi_document

        return jsonify(openapi_document())

    @api.get("/events")
    def show_events() -> Response:
        if not events.has_room():
            return try_again_later("too many pages wait for new photos", "too_many_listeners")
        # An iterator has no length, so the answer has no end: the server's connection goes on where it ends.
        answer = Response(iter([FIRST_LINE]), content_type=EVENT_STREAM_TYPE)
        answer.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back until it has some kilobytes
        return answer

    @api.after_request
    def never_kept(answer: Response) -> Response:
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return api


class PhotoAnswers:
    """Answers every request under `/api/photos`.

    Args:
        store: the photos.
        url_of: see `photo_urls`.
    """

    def __init__(self, store: PhotoStore, url_of: Callable[[str], str]) -> None:
        self._store = store
        self._url_of = url_of

    def add(self) -> Response:
        """Store what is sent, unless it is stored already."""
        upload, stream = read_upload(request)
        added = self._store.add(upload, stream)
        url = self._url_of(added.photo.path)
        answer = jsonify(id=str(added.photo.id), url=url, sha256=added.photo.sha256, duplicate=added.duplicate)
        if not added.duplicate:
            answer.status_code = 201
            answer.headers["Location"] = url
        return answer

    def list_page(self) -> Response:
        """The photos with a key or a hash, or a page of all."""
        wanted = asked_filter(request, "deleted" if asked_yes(request, "deleted") else "stored")
        limit, after = asked_number(request, "limit") or DEFAULT_LIMIT, asked_cursor(request)
        if "idempotency_key" in request.args or "sha256" in request.args:
            return jsonify(photos=self._found())
        photos, following = self._store.photos(wanted, min(limit, MAX_LIMIT), after)
        shown = [photo for photo in photos if self._store.has_file(photo)]
        return jsonify(photos=self._as_json(shown), next=str(following) if following is not None else None)

    def show(self, number: str) -> Response:
        """One photo."""
        return self._one(self._store.with_id(_id_in(number)))

    def show_with_checksum(self, sha256: str) -> Response:
        """The photo with these bytes."""
        found = self._store.find(None, sha256.lower())
        return self._one(found[0][0] if found else None)

    def delete(self, number: str) -> Response:
        """Put a photo into the trash."""
        if self._store.trash(_id_in(number)) is None:
            abort(404, _NO_PHOTO)
        return Response(status=204)

    def restore(self, number: str) -> Response:
        """Take a photo out of the trash."""
        return self._one(self._store.restore(_id_in(number)))

    def _found(self) -> list[dict[str, Any]]:
        sha256 = request.args.get("sha256")
        found = self._store.find(request.args.get("idempotency_key"), sha256.lower() if sha256 is not None else None)
        albums = self._store.albums_of([photo for photo, _ in found])
        return [photo_as_json(photo, self._url_of, albums.get(photo.id, ()), key) for photo, key in found]

    def _one(self, photo: StoredPhoto | None) -> Response:
        if photo is None or not self._store.is_there(photo):
            abort(404, _NO_PHOTO)
        return jsonify(self._as_json([photo])[0])

    def _as_json(self, photos: Sequence[StoredPhoto]) -> Sequence[dict[str, Any]]:
        albums = self._store.albums_of(photos)
        return [photo_as_json(photo, self._url_of, albums.get(photo.id, ())) for photo in photos]


def _id_in(text: str) -> int:
    number = whole_number(text)
    if number is None:
        abort(404, _NO_PHOTO)
    return number
