"""Compresses the text that is answered, for browsers that say they can read it."""

import gzip
from functools import lru_cache
from typing import Final

from flask import Flask, Response, request

COMPRESSED_TYPES: Final = frozenset(
    {
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
    }
)
"""Pictures are compressed already, and a stream of events must not wait for enough of it to compress."""
SMALLEST_BYTES: Final = 1000
"""Less fits into one packet anyway."""


def compress_answers(app: Flask) -> None:
    """Have every large enough answer of text compressed."""
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if answer.mimetype not in COMPRESSED_TYPES:
        return answer
    answer.vary.add("Accept-Encoding")
    if answer.status_code == 200 and "Content-Encoding" not in answer.headers and _wanted():
        is_file, answer.direct_passthrough = answer.direct_passthrough, False
        content = answer.get_data()
        if len(content) >= SMALLEST_BYTES:
            answer.set_data(_smallest(content) if is_file else gzip.compress(content, 6, mtime=0))
            _describe(answer)
    return answer


def _wanted() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _describe(answer: Response) -> None:
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.remove("Accept-Ranges")  # its parts would be those of what is not compressed
    etag, is_weak = answer.get_etag()
    if etag is not None and not is_weak:  # the same bytes only once they are unpacked
        answer.set_etag(etag, weak=True)


@lru_cache(maxsize=64)
def _smallest(content: bytes) -> bytes:
    """A file that is part of photopipe: the same each time, so it is worth the work."""
    return gzip.compress(content, 9, mtime=0)
