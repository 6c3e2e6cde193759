"""What a gallery says about a photo it has; nothing in it is trusted."""

from typing import Final
from urllib.parse import urlsplit

from photopipe.photo import Receipt
from photopipe.upload.http.answer import Answer

MAX_CHARS: Final = 4000


def receipt_in(answer: Answer, endpoint: str) -> Receipt:
    """What a successful answer says about the photo."""
    content = answer.json()
    fields = content if isinstance(content, dict) else {}
    url = web_address(fields.get("url")) or web_address(answer.location(endpoint))
    return Receipt(
        remote_id=remote_id(fields.get("id")),
        url=url or without_query(endpoint),
        already_there=fields.get("duplicate") is True,
    )


def found_in(answer: Answer, endpoint: str, key: str, sha256: str | None) -> Receipt | None:
    """The photo among those a gallery lists, or None.

    Only an entry with this very key or hash counts: an endpoint that does not understand the
    question may list everything it has.
    """
    content = answer.json()
    photos = content.get("photos") if isinstance(content, dict) else None
    entries = [entry for entry in photos if isinstance(entry, dict)] if isinstance(photos, list) else []
    by_key = [entry for entry in entries if entry.get("idempotency_key") == key]
    by_hash = [entry for entry in entries if sha256 and same_hash(entry.get("sha256"), sha256)]
    for entry in by_key + by_hash:
        url = web_address(entry.get("url")) or without_query(endpoint)
        return Receipt(remote_id(entry.get("id")), url, already_there=not by_key)
    return None


def arrived_damaged(answer: Answer) -> bool:
    """True if the gallery says that the bytes it got do not have the hash that was sent with them."""
    content = answer.json() if answer.status == 400 else None
    return isinstance(content, dict) and content.get("reason") == "checksum_mismatch"


def stored_other_bytes(answer: Answer, sha256: str) -> bool:
    """True if the gallery says it stored something else than was sent."""
    content = answer.json()
    if not isinstance(content, dict) or content.get("duplicate") is True:
        return False
    stored = content.get("sha256")
    return isinstance(stored, str) and not same_hash(stored, sha256)


def same_hash(value: object, sha256: str) -> bool:
    """True if `value` is this hash, in either case of letters."""
    return isinstance(value, str) and value.lower() == sha256.lower()


def remote_id(value: object) -> str | None:
    """The gallery's name for a photo: text or a whole number (galleries give both), or None."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if text.isprintable() and 0 < len(text) <= MAX_CHARS else None


def web_address(value: object) -> str | None:
    """The value if it is an address a person can open, else None."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > MAX_CHARS:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    named = parts.netloc if parts.scheme in {"http", "https"} else parts.scheme == "file" and parts.path
    return value if named else None


def without_query(endpoint: str) -> str:
    """The endpoint as it may be printed: its query can hold a secret."""
    return endpoint.partition("?")[0]
