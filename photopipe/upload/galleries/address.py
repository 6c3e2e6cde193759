"""Addresses of galleries, in one spelling each."""

import unicodedata
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from photopipe.errors import UsageError

DEFAULT_PATH: Final = "/api/photos"
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def endpoint_address(url: str) -> str:
    """The address photos are POSTed to, from what was typed after `--to`.

    Args:
        url: an http or https address; an empty path or `/` means `/api/photos`.

    Returns:
        The address in one spelling: host in lower case, no default port. Giving it in again
        changes nothing.

    Raises:
        UsageError: not an address photos can be sent to. The message never repeats the address,
            because it may hold a password.
    """
    parts, port = _split(url.strip())
    host = parts.hostname or ""
    _check(parts, host)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    path = DEFAULT_PATH if parts.path in {"", "/"} else parts.path
    return urlunsplit((parts.scheme, shown_host + shown_port, path, parts.query, ""))


def plain_address(url: str) -> str:
    """The address of a gallery as people know it: nothing is added to it, and no slash is at its end.

    Args:
        url: an http or https address, or one of a scheme that only its kind understands.

    Returns:
        The address in one spelling. Giving it in again changes nothing.

    Raises:
        UsageError: it is no address. The message never repeats it.
    """
    parts, _port = _split(url.strip())
    if parts.scheme in DEFAULT_PORTS:
        has_path = parts.path not in {"", "/"}
        address = endpoint_address(url)
        return address.removesuffix("/") if has_path else address.removesuffix(DEFAULT_PATH)
    if not (parts.netloc or parts.path) or "@" in parts.netloc:
        raise UsageError("the gallery's address cannot be read, or holds a user name")
    return url.strip().removesuffix("/")


def is_web_address(value: object) -> bool:
    """True for text that is an http or https address with a host, and nothing else besides."""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in DEFAULT_PORTS and bool(parts.hostname)


def _split(url: str) -> tuple[SplitResult, int | None]:
    """The parts of an address and its port; urlsplit would drop line ends silently, so they are refused before."""
    if any(char.isspace() or unicodedata.category(char) in {"Cc", "Cs"} for char in url):
        raise UsageError("the gallery's address holds a space or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("the gallery's address cannot be read: check its host and port") from None
    return parts, port


def _check(parts: SplitResult, host: str) -> None:
    if "@" in parts.netloc:
        raise UsageError("the gallery's address holds a user name or password: put the token in a --token-file")
    if parts.scheme not in DEFAULT_PORTS:
        raise UsageError("the gallery's address must start with http:// or https://")
    if parts.fragment:
        raise UsageError("the gallery's address holds a fragment (#...), which is never sent: leave it out")
    if not _is_host(host):
        raise UsageError("the gallery's address names no host that can exist")


def _is_host(host: str) -> bool:
    """False for an empty name and for empty or overlong labels; names beyond ASCII are left to the resolver."""
    labels = host.removesuffix(".").split(".")
    return all(0 < len(label) <= 63 for label in labels) and not set(host) & set('\\<>"^`{|}')
