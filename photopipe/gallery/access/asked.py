"""What of a request decides whether it is answered."""

from dataclasses import dataclass
from typing import Final

HARMLESS_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing. Source: RFC 9110, 9.2.1."""
LOGIN_PATH: Final = "/login"
LOGOUT_PATH: Final = "/logout"
SESSION_COOKIE: Final = "photopipe_session"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as it is known when its header is there.

    Attributes:
        method: `GET`, `POST` ...
        path: what is asked for, decoded, without the query.
        address: of whoever has opened the connection, without its port.
        forwarded_for: the header `X-Forwarded-For`, or "": for whom a reverse proxy has opened it.
        host: the header of this name, or "".
        origin: likewise.
        fetch_site: the header `Sec-Fetch-Site`, or "".
        authorization: the header of this name, or "".
        session: value of the session cookie, or "".
    """

    method: str
    path: str
    address: str
    forwarded_for: str = ""
    host: str = ""
    origin: str = ""
    fetch_site: str = ""
    authorization: str = ""
    session: str = ""

    @property
    def changes_something(self) -> bool:
        """True unless the method says that it only looks."""
        return self.method not in HARMLESS_METHODS

    @property
    def needs_no_rights(self) -> bool:
        """True for what everybody may ask for: whether the gallery is there, and what the login page is made of."""
        return self.path in {"/api/health", LOGIN_PATH, LOGOUT_PATH} or self.path.startswith("/static/")

    @property
    def bearer(self) -> str:
        """The token it brings, or ""."""
        scheme, _, token = self.authorization.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
