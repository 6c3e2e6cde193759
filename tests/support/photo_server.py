"""A web server of photos that does all of HTTP it should, unless it is told to lie about the next answers."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

LAST_MODIFIED = "Wed, 01 May 2024 10:00:00 GMT"


class Call(NamedTuple):
    """A request, as the server saw it."""

    method: str
    path: str
    range: str | None
    authorization: str | None


Lie = Callable[["Answering"], None]
"""Writes an answer of its own."""


@dataclass
class PhotoServer:
    """What it serves, and what it was asked.

    Attributes:
        url: its address, without a slash at the end.
        photos: content by path.
        lies: what the next GETs are answered with, in order; then the truth again.
        head_lie: what every HEAD is answered with, if anything.
        refused: status by path, for what is answered without anything else.
        refused_gets_after: by path, after how many GETs all others are refused, and with which status.
        pages: HTML by path.
        endless: a link that is also on the page of every folder it leads to.
        extra: headers added to true answers.
        left_out: names of headers that true answers lack.
        date: its clock, if it is not ours.
        calls: what was asked.
    """

    url: str = ""
    photos: dict[str, bytes] = field(default_factory=dict)
    lies: deque[Lie] = field(default_factory=deque)
    head_lie: Lie | None = None
    refused: dict[str, int] = field(default_factory=dict)
    refused_gets_after: dict[str, tuple[int, int]] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    endless: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    date: str | None = None
    calls: list[Call] = field(default_factory=list)

    @property
    def gets(self) -> list[str | None]:
        """The ranges of all GETs, None for one that asked for everything."""
        return [call.range for call in self.calls if call.method == "GET"]


@contextmanager
def photo_server(**photos: bytes) -> Iterator[PhotoServer]:
    """A server on loopback; `a=b"..."` is served as `/a.jpg`."""
    state = PhotoServer(photos={f"/{name}.jpg": content for name, content in photos.items()})

    class Handler(Answering):
        server_state = state

    server = _QuietServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""


class Answering(BaseHTTPRequestHandler):
    """One connection."""

    server_state: PhotoServer
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_HEAD(self) -> None:
        self._log()
        if self.server_state.head_lie is not None:
            self.server_state.head_lie(self)
        else:
            self.truth()

    def do_GET(self) -> None:
        self._log()
        with suppress(ConnectionError):
            if self.server_state.lies:
                self.server_state.lies.popleft()(self)
            else:
                self.truth()

    @property
    def content(self) -> bytes:
        return self.server_state.photos[self.path.partition("?")[0]]

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'

    def truth(self) -> None:
        if status := self._refusal():
            self.answer(status, b"no")
            return
        if (page := self._page()) is not None:
            self.answer(200, page, headers={"Content-Type": "text/html; charset=utf-8"})
            return
        if self.path.partition("?")[0] not in self.server_state.photos:
            self.answer(404, b"no")
            return
        start = self._start()
        part = self.content[start:]
        headers = {"ETag": self.etag, "Last-Modified": LAST_MODIFIED, "Content-Type": "image/jpeg"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        self.answer(206 if start else 200, part, headers=headers)

    def answer(
        self, status: int, body: bytes, *, length: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send an answer; with a `length` that is not the body's, the connection ends after the body."""
        self.send_response(status)
        named = {**(headers or {}), **self.server_state.extra}
        named["Content-Length"] = str(len(body) if length is None else length)
        for name, value in named.items():
            if name not in self.server_state.left_out and value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = (
            self.close_connection or length is not None or "Content-Length" in self.server_state.left_out
        )

    def _refusal(self) -> int | None:
        state = self.server_state
        most, status = state.refused_gets_after.get(self.path, (None, 0))
        gets = [call for call in state.calls if call.method == "GET" and call.path == self.path]
        return status if most is not None and len(gets) > most else state.refused.get(self.path)

    def _page(self) -> bytes | None:
        endless = self.server_state.endless
        if endless and self.path.endswith(f"/{endless}"):
            return f'<a href="{endless}">'.encode()
        return self.server_state.pages.get(self.path)

    def _start(self) -> int:
        asked, validator = self.headers.get("Range"), self.headers.get("If-Range")
        if asked is None or validator not in {self.etag, LAST_MODIFIED, None}:
            return 0
        return int(asked.removeprefix("bytes=").partition("-")[0])

    def _log(self) -> None:
        login = self.headers.get("Authorization")
        self.server_state.calls.append(Call(self.command, self.path, self.headers.get("Range"), login))

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server_state.date or super().date_time_string(timestamp)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""
