"""What a server says about a file without sending it: by that, a photo that is done is recognised."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from photopipe.found_photo import Identity
from photopipe.http.retry_after import http_date

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


class Validators(NamedTuple):
    """Headers that change when the content does.

    Source: RFC 9110 section 8.8.

    Attributes:
        etag: as it stands in the header, or None.
        last_modified: likewise.
        size_bytes: length of the file; None if the server does not tell, or sends something made of it.
        is_old: True if the file had not changed in the minute before the answer, so that its date tells it from a
            later one.
    """

    etag: str | None = None
    last_modified: str | None = None
    size_bytes: int | None = None
    is_old: bool = False

    @classmethod
    def of(cls, headers: Mapping[str, str], *, is_head: bool = False) -> "Validators":
        """What an answer says; to a HEAD, many programs answer a length of zero whatever the file's is."""
        size_bytes = None if is_encoded(headers) else _number(headers.get("Content-Length"))
        last_modified, date = headers.get("Last-Modified"), http_date(headers.get("Date", ""))
        changed = http_date(last_modified or "")
        return cls(
            headers.get("ETag"),
            last_modified if changed else None,
            size_bytes or (None if is_head else size_bytes),
            is_old=bool(changed and date and date - changed >= timedelta(minutes=1)),
        )

    @property
    def if_range(self) -> str | None:
        """What to ask for the rest of the same file by; None if nothing tells it from another for certain.

        Source: RFC 9110 sections 13.1.5 and 8.8.2.2.
        """
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.last_modified if self.is_old else None

    def contradicts(self, other: "Validators") -> bool:
        """True if both answers cannot be about the same content."""
        pairs = zip(self[:3], other[:3], strict=True)
        return any(mine != theirs for mine, theirs in pairs if mine is not None and theirs is not None)

    def identity(self, unknown: Identity) -> Identity:
        """The numbers that stand for what was said; `unknown` if that tells no content from another."""
        changed = http_date(self.last_modified or "")
        if self.etag is None and changed is None:
            return unknown
        mtime_ns = max(0, int(changed.timestamp())) * 1_000_000_000 if changed else 0
        return Identity(0, number_of(self.etag or ""), self.size_bytes or 0, mtime_ns, 0)


def number_of(text: str) -> int:
    """A number that stands for a text, from 0 to 2**63 - 1."""
    return int.from_bytes(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8]) >> 1


def is_encoded(headers: Mapping[str, str]) -> bool:
    """True if what comes is not the file itself but has to be unpacked."""
    return headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}


def continues_at(headers: Mapping[str, str], start: int, size_bytes: int | None) -> bool:
    """True if a part is proved to be all that comes after the first `start` bytes of `size_bytes`.

    Source: RFC 9110 section 14.4.
    """
    part = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if part is None or size_bytes is None or is_encoded(headers):
        return False
    first, last, total = map(int, part.groups())
    return (first, last, total) == (start, size_bytes - 1, size_bytes)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"[0-9]{1,18}", value.strip()) else None
