"""The part of the gallery that programs use; `docs/gallery-protocol.md` is the contract."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Request, Response, jsonify, request

from photopipe.gallery.server.answers import photo_as_json
from photopipe.gallery.server.upload_form import read_upload
from photopipe.gallery.store.request_refused import RequestRefused
from photopipe.gallery.store.store import PhotoStore

PROTOCOL: Final = 1
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000
_MAX_ID: Final = 2**63 - 1


def make_api(store: PhotoStore, url_of: Callable[[str], str]) -> Blueprint:
    """The routes under `/api`."""
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.get("/health")
    def health() -> Response:
        return jsonify(name="photopipe-gallery", protocol=PROTOCOL, photos=store.count())

    @api.post("/photos")
    def add_photo() -> Response:
        return _add(store, url_of)

    @api.get("/photos")
    def list_photos() -> Response:
        if "idempotency_key" in request.args or "sha256" in request.args:
            return _find(store, url_of)
        return _newest(store, url_of)

    return api


def _add(store: PhotoStore, url_of: Callable[[str], str]) -> Response:
    upload, stream = read_upload(request)
    added = store.add(upload, stream)
    url = url_of(added.photo.path)
    answer = jsonify(id=str(added.photo.id), url=url, sha256=added.photo.sha256, duplicate=added.duplicate)
    if not added.duplicate:
        answer.status_code = 201
        answer.headers["Location"] = url
    return answer


def _find(store: PhotoStore, url_of: Callable[[str], str]) -> Response:
    sha256 = request.args.get("sha256")
    found = store.find(request.args.get("idempotency_key"), sha256.lower() if sha256 is not None else None)
    return jsonify(photos=[photo_as_json(photo, key, url_of) for photo, key in found])


def _newest(store: PhotoStore, url_of: Callable[[str], str]) -> Response:
    limit = _whole_number("limit", request.args.get("limit", str(DEFAULT_LIMIT)))
    photos, following = store.newest(min(limit, MAX_LIMIT), asked_cursor(request))
    shown = [photo_as_json(photo, None, url_of) for photo in photos if store.has_file(photo)]
    return jsonify(photos=shown, next=str(following) if following is not None else None)


def asked_cursor(asked: Request) -> int | None:
    """The id in `?after=`, or None.

    Raises:
        RequestRefused: it is no id.
    """
    text = asked.args.get("after")
    return None if text is None else _whole_number("after", text)


def _whole_number(name: str, text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if not 1 <= number <= _MAX_ID:
        raise RequestRefused(400, f"{name} must be a whole number from 1 up", f"bad_{name}")
    return number
