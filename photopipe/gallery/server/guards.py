"""Which requests the gallery takes at all: this is checked before anything else is looked at."""

import hmac
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from flask import Request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from photopipe.gallery.store.request_refused import RequestRefused

HARMLESS_METHODS: Final = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS: Final = ("/api/health",)
BEARER_NEEDED: Final = "this gallery needs its token: Authorization: Bearer TOKEN"


def loopback_hosts(port: int) -> frozenset[str]:
    """Every `Host` header that a browser on this computer would send."""
    names = ("127.0.0.1", "localhost", "[::1]")
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def check_host(request: Request, own_hosts: Collection[str]) -> None:
    """Refuse a host name that is not ours: a web page may have made its own name lead to this computer.

    Raises:
        RequestRefused: the `Host` header is not in `own_hosts`.
    """
    if request.headers.get("Host", "").lower() not in own_hosts:
        raise RequestRefused(421, "this gallery answers only under its own address", "wrong_host")


def check_origin(request: Request) -> None:
    """Refuse writes that another web site makes a browser send.

    Raises:
        RequestRefused: the request would change something and its `Origin` is not this server.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.method in HARMLESS_METHODS:
        return
    if urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
        raise RequestRefused(403, "another web site may not send photos to this gallery", "wrong_origin")


def check_token(request: Request, token: str) -> None:
    """Refuse a request without the token.

    Raises:
        Unauthorized: it is missing or wrong.
    """
    if not knows_token(request.path, request.headers.get("Authorization", ""), token):
        raise Unauthorized(BEARER_NEEDED, www_authenticate=WWWAuthenticate("bearer"))


def knows_token(path: str, authorization: str, token: str) -> bool:
    """True if a request brings the token, or needs none.

    Args:
        path: what is asked for.
        authorization: the header of this name, or "".
        token: the gallery's.
    """
    scheme, _, given = authorization.partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())
    return path in OPEN_PATHS or (scheme.lower() == "bearer" and is_right)
