"""Where a person can see a stored photo."""

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from flask import request

OWN_ADDRESS: Final = "own"
"""Stands for the address at which the server was asked."""


def photo_urls(folder: str, public_url: str | None) -> Callable[[str], str]:
    """A function from a photo's relative path to its address.

    Args:
        folder: the gallery's folder, absolute.
        public_url: address the server is reached at, `https://photos.example`; `OWN_ADDRESS` for the one that whoever
            asks has used; None for a server whose address dies with the run: then photos are `file://` addresses.

    Returns:
        The function; what it returns is percent-encoded.
    """
    if public_url is None:
        return lambda path: Path(folder, path).as_uri()
    if public_url == OWN_ADDRESS:
        return lambda path: f"{request.host_url}photos/{quote(path)}"
    base = public_url.rstrip("/")
    return lambda path: f"{base}/photos/{quote(path)}"
