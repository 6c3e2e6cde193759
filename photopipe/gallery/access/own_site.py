"""Under which names the gallery is reached, and which pages in a browser are its own."""

import ipaddress
import re
import socket
from typing import Final
from urllib.parse import urlsplit

from photopipe.errors import UsageError
from photopipe.gallery.access.asked import Asked
from photopipe.gallery.store.request_refused import RequestRefused

_HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]@/ ,]+)(:[0-9]{1,5})?")


class OwnSite:
    """Tells requests that are meant for this gallery from those that another web site makes a browser send.

    Args:
        public_url: the address that visitors use, if it is not one of this machine: that of a reverse proxy.
        machine_name: this machine's host name.

    Raises:
        UsageError: `public_url` cannot be such an address.
    """

    def __init__(self, public_url: str | None = None, machine_name: str | None = None) -> None:
        self.public_url = _checked(public_url) if public_url is not None else None
        self._names = {"localhost"} | _names_of(machine_name or socket.gethostname())
        self._public_name = _name_in(urlsplit(self.public_url).netloc) if self.public_url else None

    @property
    def is_secure(self) -> bool:
        """True if visitors come by https."""
        return self.public_url is not None and self.public_url.startswith("https:")

    @property
    def is_known_elsewhere(self) -> bool:
        """True if the address that visitors use leads here from other computers."""
        name = self._public_name
        return name is not None and name != "localhost" and not _is_loopback(name)

    def client_address(self, asked: Asked) -> str:
        """Who sent a request: behind a reverse proxy, the last address in `X-Forwarded-For`, the one it has added."""
        last = asked.forwarded_for.rpartition(",")[2].strip()
        return last if last and self.public_url is not None else asked.address

    def check_host(self, asked: Asked) -> None:
        """Refuse a host name that is not ours: a web page may have made a name of its own lead to this machine.

        Numeric addresses are always answered: that trick needs a name. So is any port, which may be a forwarded one.

        Raises:
            RequestRefused: `Host` names another server, or nothing.
        """
        name = _name_in(asked.host)
        if name is None or not (name in self._names or name == self._public_name or _is_numeric(name)):
            message = "this gallery is not known by that host name; if it should be, start it with --public-url"
            raise RequestRefused(421, message, "wrong_host")

    def check_origin(self, asked: Asked) -> None:
        """Refuse changes that another web site makes a browser send.

        Every browser says in `Origin` or in `Sec-Fetch-Site` which site a change comes from; programs send neither.

        Raises:
            RequestRefused: it would change something and comes from another site.

        Source: OWASP, Cross-Site Request Forgery Prevention; W3C, Fetch Metadata Request Headers.
        """
        if not asked.changes_something:
            return
        is_foreign = asked.fetch_site in {"cross-site", "same-site"}
        if not self._is_own_origin(asked) if asked.origin else is_foreign:
            raise RequestRefused(403, "another web site may not change this gallery", "wrong_origin")

    def _is_own_origin(self, asked: Asked) -> bool:
        origin = asked.origin.lower()
        if origin == self.public_url:
            return True
        if self._public_name is not None and _name_in(urlsplit(origin).netloc) == self._public_name:
            return False  # the same name by http instead of https, or at another port
        return urlsplit(origin).netloc == asked.host.lower()


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url.strip().lower())
        name = (parts.hostname or "").encode("idna").decode() if not _is_numeric(parts.hostname or "") else ""
        is_fit = parts.scheme in {"http", "https"} and parts.path in {"", "/"} and parts.username is None
        is_fit = is_fit and parts.hostname is not None and not (parts.query or parts.fragment)
        port = parts.port
    except (ValueError, UnicodeError):
        is_fit = False
    if not is_fit:
        raise UsageError(f"{url}: cannot be the gallery's public address. Write it like https://photos.example")
    shown = name or (f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname))
    is_usual = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + ("" if is_usual else f":{port}")


def _names_of(machine_name: str) -> set[str]:
    """The machine's name in full and without its domain, each as a local network may know it, too."""
    full = machine_name.lower().rstrip(".")
    short = full.partition(".")[0]
    return {name for name in (full, short, f"{short}.local") if name}


def _name_in(host: str) -> str | None:
    """The name or number in a `Host` header, without brackets; None if it is malformed."""
    match = _HOST.fullmatch(host.lower())
    return match["name"].strip("[]") if match else None


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_numeric(name) and ipaddress.ip_address(name).is_loopback
