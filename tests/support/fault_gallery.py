"""A gallery on loopback that speaks the upload protocol and fails on purpose, POST by POST.

    with FaultGallery([Fault.TAKE_AND_DROP, status(503)]) as gallery:
        upload_to(gallery.url)
        assert len(gallery.stored) == 1

The n-th POST meets the n-th fault; when the plan runs out, all is well.
"""

import contextlib
import hashlib
import json
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Fault:
    """What happens to one POST.

    Attributes:
        name: which kind.
        code: of `status`: what is answered.
        headers: of `status`: what is answered; a `Date` replaces the server's own.
        body: of `status`: what is answered.
    """

    name: str
    code: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.name} {self.code}" if self.code else self.name

    OK: ClassVar["Fault"]
    """The photo is taken and the answer arrives."""
    TAKE_AND_DROP: ClassVar["Fault"]
    """The photo is taken, the connection closed without an answer."""
    TAKE_AND_CUT: ClassVar["Fault"]
    """The photo is taken, half of the answer's body sent."""
    TAKE_AND_HANG: ClassVar["Fault"]
    """The photo is taken, nothing said until the client or the gallery goes away."""
    CUT_BODY: ClassVar["Fault"]
    """A part of the body is read, then the connection closed; nothing is taken."""
    HANG: ClassVar["Fault"]
    """Nothing is taken and nothing said until the client or the gallery goes away."""

    @staticmethod
    def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> "Fault":
        """An answer of this kind; nothing is taken."""
        return Fault("status", code, dict(headers or {}), body)


OK = Fault.OK = Fault("ok")
TAKE_AND_DROP = Fault.TAKE_AND_DROP = Fault("take and drop")
TAKE_AND_CUT = Fault.TAKE_AND_CUT = Fault("take and cut")
TAKE_AND_HANG = Fault.TAKE_AND_HANG = Fault("take and hang")
CUT_BODY = Fault.CUT_BODY = Fault("cut body")
HANG = Fault.HANG = Fault("hang")
status = Fault.status


@dataclass(frozen=True)
class StoredPhoto:
    """A photo the gallery holds.

    Attributes:
        key: its `Idempotency-Key`, or `""`.
        sha256: hash of the bytes that arrived.
        file_name: of the file part.
        content_type: of the file part.
        fields: the other parts.
        headers: of the request, names in lower case.
        data: the bytes that arrived.
    """

    key: str
    sha256: str
    file_name: str
    content_type: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    data: bytes


class OnLoopback:
    """A real HTTP server on 127.0.0.1, run while the `with` block lasts; its threads end with the block."""

    def _serve(self, handler: type[BaseHTTPRequestHandler]) -> str:
        """Start; each request is answered by a `handler` that knows `self` as its gallery. Its address."""
        self._server = _Server(("127.0.0.1", 0), type("Handler", (handler,), {"gallery": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name=type(self).__name__)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, kind: object, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()
        assert kind is not None or self._server.crashes == [], self._server.crashes


class FaultGallery(OnLoopback):
    """A real HTTP server on 127.0.0.1, run while the `with` block lasts; its threads end with the block.

    Args:
        plan: the fault of the n-th POST; or a function from n, counted from 0.
        idempotent: the same key or the same bytes are kept once; otherwise every accepted POST adds a copy.
        findable: GET answers what is held; otherwise it answers 405.
        token: what `Authorization: Bearer` must carry, or None for an open gallery.

    Attributes:
        url: where to POST; known inside the block.
        posts: the key of every POST that arrived, in order, faults included.
        stored: what the gallery holds, in order.
        finds: the keys asked for, in order.
        heads: number of HEAD requests.
    """

    def __init__(
        self,
        plan: Iterable[Fault] | Callable[[int], Fault] = (),
        *,
        idempotent: bool = True,
        findable: bool = True,
        token: str | None = None,
    ) -> None:
        faults = chain(() if callable(plan) else plan, repeat(OK))
        self._faults = None if callable(plan) else faults
        self._plan: Callable[[int], Fault] = plan if callable(plan) else lambda _n: OK
        self.idempotent, self.findable, self.token = idempotent, findable, token
        self.posts: list[str] = []
        self.stored: list[StoredPhoto] = []
        self.finds: list[str] = []
        self.heads = 0
        self.lock = threading.Lock()
        self.url = ""

    def __enter__(self) -> Self:
        self.url = self._serve(_Handler) + "/api/photos"
        return self

    @property
    def connections(self) -> int:
        """Connections that were opened so far."""
        return self._server.opened

    def arrived(self, key: str) -> Fault:
        """Note a POST; what is to happen to it."""
        with self.lock:
            self.posts.append(key)
            number = len(self.posts) - 1
            if self._faults is not None:
                return next(self._faults)
        return self._plan(number)  # which may wait for other photos

    def take(self, photo: StoredPhoto) -> tuple[int, dict[str, Any]]:
        """Keep a photo; the status and the content of the answer."""
        with self.lock:
            for number, held in enumerate(self.stored, 1) if self.idempotent else ():
                if photo.sha256 == held.sha256 or (photo.key and photo.key == held.key):
                    return 200, self.entry(number, held) | {"duplicate": True}
            self.stored.append(photo)
            return 201, self.entry(len(self.stored), photo) | {"duplicate": False}

    def find(self, key: str, sha256: str) -> list[dict[str, Any]]:
        """Entries with this key or this hash."""
        with self.lock:
            self.finds.append(key)
            held = list(enumerate(self.stored, 1))
        return [self.entry(number, photo) for number, photo in held if key == photo.key or sha256 == photo.sha256]

    def entry(self, number: int, photo: StoredPhoto) -> dict[str, Any]:
        """What is said about a photo."""
        url = self.url.removesuffix("/api/photos") + f"/photos/{number}"
        return {"id": str(number), "url": url, "sha256": photo.sha256, "idempotency_key": photo.key}


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close joins them
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.crashes: list[BaseException] = []
        self.opened = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's would look up this machine's name
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self.opened += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.crashes.append(error)


class _Handler(BaseHTTPRequestHandler):
    gallery: FaultGallery
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        with self.gallery.lock:
            self.gallery.heads += 1
        self._answer(405, {"Allow": "GET, POST"})

    def do_GET(self) -> None:
        if not self._may():
            return self._say(401, {"error": "who are you?"})
        if not self.gallery.findable:
            return self._say(405, {"error": "there is no such question"})
        query = parse_qs(urlsplit(self.path).query)
        asked = [query.get(name, [""])[0] for name in ("idempotency_key", "sha256")]
        return self._say(200, {"photos": self.gallery.find(*asked)})

    def do_POST(self) -> None:
        fault = self.gallery.arrived(self.headers.get("Idempotency-Key", ""))
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length // 2 if fault is CUT_BODY else length)
        if fault.name == "status":
            return self._answer(fault.code, fault.headers, fault.body)
        if fault in {CUT_BODY, HANG} or len(body) < length:
            return self._end(hang=fault is HANG)
        if not self._may():
            return self._say(401, {"error": "who are you?"})
        try:
            photo = parse_photo(self.headers.get("Content-Type", ""), body, dict(self.headers.items()))
        except ValueError as error:
            return self._say(400, {"error": str(error)})
        return self._take(photo, fault)

    def _take(self, photo: StoredPhoto, fault: Fault) -> None:
        code, content = self.gallery.take(photo)
        if fault in {TAKE_AND_DROP, TAKE_AND_HANG}:
            return self._end(hang=fault is TAKE_AND_HANG)
        body = json.dumps(content).encode()
        sent = body[: len(body) // 2] if fault is TAKE_AND_CUT else body
        self._answer(code, {"Content-Type": "application/json", "Location": content["url"]}, sent, len(body))
        self.close_connection = self.close_connection or fault is TAKE_AND_CUT
        return None

    def _end(self, *, hang: bool) -> None:
        if hang:
            self.rfile.read(1)  # comes back when the client closes, or `end_connections` does
        self.close_connection = True

    def _may(self) -> bool:
        token = self.gallery.token
        return token is None or self.headers.get("Authorization") == f"Bearer {token}"

    def _say(self, code: int, content: dict[str, Any]) -> None:
        self._answer(code, {"Content-Type": "application/json"}, json.dumps(content).encode())

    def _answer(self, code: int, headers: Mapping[str, str], body: bytes = b"", length: int | None = None) -> None:
        self.send_response_only(code)
        for name, value in {"Date": self.date_time_string(), **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def parse_photo(content_type: str, body: bytes, headers: Mapping[str, str]) -> StoredPhoto:
    """The photo in a multipart body.

    Raises:
        ValueError: no form, not exactly one file, or another file than its `sha256` says.
    """
    boundary = _header(f"Content-Type: {content_type}", "boundary")
    files: list[tuple[str, str, bytes]] = []
    fields: dict[str, str] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = HeaderParser().parsestr(head.decode())
        name = lines.get_param("name", header="Content-Disposition")
        file_name = lines.get_param("filename", header="Content-Disposition")
        if file_name is None:
            fields[str(name)] = data.decode()
        elif name == "file":
            files.append((str(file_name), lines.get_content_type(), data))
    if len(files) != 1:
        raise ValueError(f"{len(files)} files in one form")
    file_name, kind, data = files[0]
    sha256 = hashlib.sha256(data).hexdigest()
    if fields.get("sha256", sha256) != sha256:
        raise ValueError("the file is not what its sha256 says")
    lower = {name.lower(): value for name, value in headers.items()}
    return StoredPhoto(lower.get("idempotency-key", ""), sha256, str(file_name), kind, fields, lower, data)


def _header(line: str, parameter: str) -> str:
    value = HeaderParser().parsestr(line).get_param(parameter)
    if isinstance(value, str):
        return value
    raise ValueError(f"no {parameter} in {line!r}")
