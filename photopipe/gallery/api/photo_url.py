"""Where a person can see a stored photo."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote


def photo_urls(folder: str, public_url: str | None) -> Callable[[str], str]:
    """A function from a photo's relative path to its address.

    Args:
        folder: the gallery's folder, absolute.
        public_url: address the server is reached at, `http://127.0.0.1:8642`; None for a server
            whose address dies with the run: then photos are `file://` addresses.

    Returns:
        The function; what it returns is percent-encoded.
    """
    if public_url is None:
        return lambda path: Path(folder, path).as_uri()
    base = public_url.rstrip("/")
    return lambda path: f"{base}/photos/{quote(path)}"
