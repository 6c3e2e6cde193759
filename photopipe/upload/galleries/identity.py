"""Names that stay the same from run to run: of an endpoint, of a gallery, of one photo's upload."""

import hashlib
import json
import unicodedata
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings

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


def gallery_address(kind: str, url: str) -> str:
    """The address of a gallery of any kind, in one spelling.

    Args:
        kind: `form`, whose address gets a path if it has none, or another.
        url: what was typed after `--to`, without the `KIND+` in front.

    Raises:
        UsageError: it is no address.
    """
    if kind == "form":
        return endpoint_address(url)
    parts, _port = _split(url.strip())
    if parts.scheme in DEFAULT_PORTS:
        has_path = parts.path not in {"", "/"}
        address = endpoint_address(url)
        return address.removesuffix("/") if has_path else address.removesuffix(DEFAULT_PATH)
    if not (parts.netloc or parts.path) or "@" in parts.netloc:
        raise UsageError(f"the address of a gallery of the kind {kind!r} cannot be read, or holds a user name")
    return url.strip().removesuffix("/")


def gallery_folder(kind: str, url: str) -> str | None:
    """The folder on this machine that a gallery is, or None."""
    return unquote(urlsplit(url).path) if kind == "folder" else None


def gallery_id(settings: UploadSettings) -> str:
    """Name of a gallery in the journal.

    Args:
        settings: with the address as `gallery_address` gives it.

    Returns:
        The host, for people, and a hash of the whole address, the kind, who we are there and, where the
        address does not say it, at which endpoint: a query may hold a secret, which must not get into the journal.
    """
    url = settings.endpoint_url or ""
    user = None if settings.kind == "s3" else settings.username  # there it is a key, which is changed now and then
    parts = [settings.kind, user, settings.options.get("endpoint"), url]
    named = url if settings.kind == "form" and settings.username is None else json.dumps(parts)
    return f"{urlsplit(url).hostname or settings.kind}-{hashlib.sha256(named.encode()).hexdigest()[:16]}"


def idempotency_key(source_sha256: str, recipe_id: str, gallery_id: str) -> str:
    """Name of the upload of one photo, made by one recipe, to one gallery.

    Args:
        source_sha256: hash of the photo's source, hexadecimal.
        recipe_id: `ResizeSettings.recipe_id`.
        gallery_id: as `gallery_id` gives it.

    Returns:
        64 hexadecimal digits: the same for the same three, in every run and after a lost journal.
    """
    parts = json.dumps(["photopipe upload 1", source_sha256, recipe_id, gallery_id])
    return hashlib.sha256(parts.encode()).hexdigest()


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
