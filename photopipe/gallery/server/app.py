"""The gallery as a WSGI application: the guards, the API and the pages."""

from typing import Final

from flask import Flask

from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.api.answers import answer_errors
from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.api.photo_url import photo_urls
from photopipe.gallery.api.routes import make_api
from photopipe.gallery.server.compression import compress_answers
from photopipe.gallery.server.error_pages import show_errors_as_pages
from photopipe.gallery.server.guards import guard
from photopipe.gallery.server.login import make_login
from photopipe.gallery.server.page import SHOWN_BY_BROWSERS, make_page
from photopipe.gallery.server.thumbnails import make_thumbnail_route
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

DEFAULT_TITLE: Final = "Photos"
_FORM_BYTES: Final = 1_000_000
"""Room for everything in a request that is not the photo."""


def create_app(
    store: PhotoStore,
    thumbnails: Thumbnails,
    events: EventStream,
    *,
    access: AccessPolicy,
    public_url: str | None,
    title: str = DEFAULT_TITLE,
) -> Flask:
    """The gallery over one store.

    Args:
        store: the photos.
        thumbnails: of these photos.
        events: tells open pages about changes; it has to be the server's own.
        access: who may do what.
        public_url: see `photo_urls`.
        title: what the pages call the gallery.

    Returns:
        A WSGI application.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = upload_limit_bytes(store)
    app.register_blueprint(make_api(store, events, photo_urls(store.folder, public_url)))
    app.register_blueprint(make_page(store, title))
    app.register_blueprint(make_thumbnail_route(store, thumbnails))
    if access.has_login:
        app.register_blueprint(make_login(access, title))
    answer_errors(app)
    compress_answers(app)
    show_errors_as_pages(app, title)
    guard(app, access, SHOWN_BY_BROWSERS)
    return app


def upload_limit_bytes(store: PhotoStore) -> int:
    """The most that the POST of a photo may have, the form around it included."""
    return store.max_photo_bytes + _FORM_BYTES
