"""How a request is authenticated. An object of its own, even without a login: else requests looks into `~/.netrc`."""

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import requests

Auth = Callable[["requests.PreparedRequest"], "requests.PreparedRequest"]
"""What requests takes as `auth`; so no kind of gallery needs to import requests."""


def no_auth(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Leave the request as it is."""
    return request


def header_auth(name: str, value: str | None) -> Auth:
    """A login in one header, `x-api-key: ...`.

    Args:
        name: of the header.
        value: of it, or None for no login.
    """

    def authenticate(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
        if value:
            request.headers[name] = value
        return request

    return authenticate


def bearer_auth(token: str | None) -> Auth:
    """`Authorization: Bearer TOKEN`.

    Source: RFC 6750 section 2.1.
    """
    return header_auth("Authorization", f"Bearer {token}" if token else None)


def basic_auth(username: str, password: str) -> Auth:
    """`Authorization: Basic ...`, in UTF-8.

    Source: RFC 7617 section 2.1.
    """
    return header_auth("Authorization", f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}")


def same_origin(url: str, other: str) -> bool:
    """True if both addresses are at one scheme, host and port: where a login may be shown."""
    parts, others = urlsplit(url), urlsplit(other)
    return (parts.scheme, parts.hostname, parts.port) == (others.scheme, others.hostname, others.port)
