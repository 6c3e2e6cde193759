"""The gallery as a WSGI application: the guards, the API and the page."""

from collections.abc import Collection
from typing import Final

from flask import Flask, Response, request

from photopipe.gallery.api.answers import answer_errors
from photopipe.gallery.api.days import make_days
from photopipe.gallery.api.photo_url import photo_urls
from photopipe.gallery.api.routes import make_api
from photopipe.gallery.server.guards import check_host, check_origin, check_token
from photopipe.gallery.server.page import make_page
from photopipe.gallery.server.thumbnails import make_thumbnail_route
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

_FORM_BYTES: Final = 1_000_000
"""Room for everything in a request that is not the photo."""

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(
    store: PhotoStore,
    thumbnails: Thumbnails,
    *,
    token: str | None,
    public_url: str | None,
    own_hosts: Collection[str] | None,
) -> Flask:
    """The gallery over one store.

    Args:
        store: the photos.
        thumbnails: of these photos.
        token: what every request but `/api/health` must bring; None for an open gallery.
        public_url: see `photo_urls`.
        own_hosts: the only `Host` headers that are answered; None for any.

    Returns:
        A WSGI application.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = store.max_photo_bytes + _FORM_BYTES
    app.register_blueprint(make_api(store, photo_urls(store.folder, public_url)))
    app.register_blueprint(make_days(store))
    app.register_blueprint(make_page(store, "Photos"))
    app.register_blueprint(make_thumbnail_route(store, thumbnails))
    answer_errors(app)

    @app.before_request
    def guard() -> None:
        if own_hosts is not None:
            check_host(request, own_hosts)
        check_origin(request)
        if token is not None:
            check_token(request, token)

    @app.after_request
    def harden(answer: Response) -> Response:
        answer.headers.update(_HEADERS)
        return answer

    return app
