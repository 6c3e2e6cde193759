"""How a request says who we are. An object of its own, even for nobody: else requests looks into `~/.netrc`."""

from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, _basic_auth_str


class NoAuth(AuthBase):
    """Says nothing."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


class HeaderAuth(AuthBase):
    """Says it in one header: `x-api-key: ...`.

    Args:
        name: of the header.
        value: of it, or None to say nothing.
    """

    def __init__(self, name: str, value: str | None) -> None:
        self._name = name
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the header into the request."""
        if self._value:
            request.headers[self._name] = self._value
        return request


def bearer(token: str | None) -> AuthBase:
    """`Authorization: Bearer TOKEN`.

    Source: RFC 6750 section 2.1.
    """
    return HeaderAuth("Authorization", f"Bearer {token}" if token else None)


def basic(username: str, password: str) -> AuthBase:
    """`Authorization: Basic ...`, in UTF-8.

    Source: RFC 7617 section 2.1.
    """
    return HeaderAuth("Authorization", _basic_auth_str(username.encode(), password.encode()))


def same_origin(url: str, other: str) -> bool:
    """True if both addresses are at one scheme, host and port: where a login may be shown."""
    parts, others = urlsplit(url), urlsplit(other)
    return (parts.scheme, parts.hostname, parts.port) == (others.scheme, others.hostname, others.port)
