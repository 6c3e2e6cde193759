"""The page on which a web server lists a folder: which files and folders in it the page links to."""

import os
import re
from html import unescape
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import UsageError

MOST_PAGE_BYTES: Final = 16_000_000
"""Room for about a hundred thousand names; a longer page is not read to its end, because it might have none."""
_LINK: Final = re.compile(r"""<a\s(?:[^<>]*?\s)?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
"""Not html.parser, some releases of which take hours for a few megabytes that somebody has made for that."""
MEDIA_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})


def links_in(page: bytes, folder: WebAddress) -> dict[str, WebAddress]:
    """What a page links to that lies directly in its folder, each name once; links to anything else count for nothing.

    Args:
        page: HTML.
        folder: the page's address, with a slash at its end.

    Returns:
        Addresses by decoded name; the name of a folder has a slash at its end.
    """
    found: dict[str, WebAddress] = {}
    for match in _LINK.finditer(page.decode("utf-8", "surrogateescape")):
        address = _in_folder(unescape(match[1] or match[2] or match[3] or ""), folder)
        name = "" if address is None else _name(address.url.removeprefix(folder.url))
        if name and address is not None:
            found.setdefault(name, address)
    return found


def _in_folder(link: str, folder: WebAddress) -> WebAddress | None:
    """The address that a link leads to, with the folder's login; None if it is not below the folder."""
    try:
        address = WebAddress.of(urljoin(folder.url, link.strip()))
    except (UsageError, ValueError):
        return None
    is_below = address.url.startswith(folder.url) and not urlsplit(address.url).query
    return WebAddress(address.url, address.path, folder.login) if is_below else None


def _name(rest: str) -> str:
    """The decoded name of what is at `rest` in a folder; empty if it is not directly in it, or could be no file."""
    name = os.fsdecode(unquote_to_bytes(rest.removesuffix("/")))
    if "/" in name or "\0" in name or name in {"", ".", ".."}:
        return ""
    return f"{name}/" if rest.endswith("/") else name
