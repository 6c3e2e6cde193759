"""A real HTTP server on loopback whose answers a fake gallery makes, and which fails on purpose, call by call.

    with FakeImmich(plan={"POST /assets": [Fault.TAKE_AND_DROP]}) as gallery: ...

The n-th call of a name meets the n-th fault planned for it; when the plan runs out, all is well.
"""

import json
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from support.fault_gallery import (
    CUT_BODY,
    HANG,
    OK,
    TAKE_AND_CUT,
    TAKE_AND_DROP,
    TAKE_AND_HANG,
    Fault,
    OnLoopback,
    _header,
)

Plan = Mapping[str, Iterable[Fault]] | Callable[[str, int], Fault]
"""Faults by name of a call; or a function of the name and how many came before it."""
HEAD_BYTES = 4096
"""What is read of a body before a fault can cut it: enough to name the call."""
EARLY = "early"
"""Name of a fault like `status` whose answer comes, and the connection ends, before the body is read."""


@dataclass(frozen=True)
class Part:
    """One part of a form.

    Attributes:
        name: of the field.
        file_name: of a file, else None.
        content_type: of the part.
        data: its bytes.
    """

    name: str
    file_name: str | None
    content_type: str
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()


@dataclass(frozen=True)
class Request:
    """One request that arrived whole.

    Attributes:
        method: HTTP method.
        path: without the query.
        query: of the address.
        headers: names in lower case.
        body: all of it.
        fault: what is going to happen to it.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    fault: Fault = OK

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def parts(self) -> list[Part]:
        """The form's parts in their order, of either encoding."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return list(_multipart(kind, self.body))
        pairs = parse_qsl(self.body.decode(), keep_blank_values=True)
        return [Part(name, None, "text/plain", value.encode()) for name, value in pairs]


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def whole(self) -> bytes:
        return json.dumps(self.content).encode() if self.body is None else self.body


class ScriptedGallery(OnLoopback, ABC):
    """Run while the `with` block lasts; its threads end with the block.

    Args:
        plan: what goes wrong.

    Attributes:
        site: its address, without a path.
        calls: the name of every call that arrived, in order, faults included.
        requests: those that arrived whole.
        lock: held while state is looked at or changed.
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self.site = ""
        self.calls: list[str] = []
        self.requests: list[Request] = []
        self.lock = threading.RLock()
        self._seen: Counter[str] = Counter()
        planned = {} if plan is None or callable(plan) else {name: iter(faults) for name, faults in plan.items()}
        self._plan = plan if callable(plan) else lambda name, _n: next(planned.get(name, iter(())), OK)

    @abstractmethod
    def name_of(self, method: str, path: str, body: bytes) -> str:
        """What a call is named in a plan."""

    @abstractmethod
    def reply(self, request: Request) -> Reply | None:
        """Do what is asked; None if the connection is to be closed without an answer."""

    def head(self, path: str) -> Reply:
        """What a HEAD is answered; it is no call."""
        return Reply(200, body=b"")

    def __enter__(self) -> Self:
        self.site = self._serve(_Handler)
        return self

    def arrived(self, name: str) -> Fault:
        """Note a call; what is to happen to it."""
        with self.lock:
            self.calls.append(name)
            self._seen[name] += 1
            return self._plan(name, self._seen[name] - 1)


class _Handler(BaseHTTPRequestHandler):
    gallery: ScriptedGallery
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(self.gallery.head(urlsplit(self.path).path))

    def _meet(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(min(length, HEAD_BYTES))
        fault = self.gallery.arrived(self.gallery.name_of(self.command, path, body))
        if fault is CUT_BODY:
            return self._end(hang=False)
        if fault.name == EARLY:
            self.close_connection = True
            return self._answer(Reply(fault.code, headers=fault.headers, body=fault.body))
        body += self.rfile.read(length - len(body))
        if fault.name == "status":
            return self._answer(Reply(fault.code, headers=fault.headers, body=fault.body))
        if fault is HANG or len(body) < length:
            return self._end(hang=fault is HANG)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body, fault)
        with self.gallery.lock:
            self.gallery.requests.append(request)
        reply = self.gallery.reply(request)
        if reply is None or fault in {TAKE_AND_DROP, TAKE_AND_HANG}:
            return self._end(hang=fault is TAKE_AND_HANG)
        return self._answer(reply, cut=fault is TAKE_AND_CUT)

    def do_GET(self) -> None:
        self._meet()

    def do_POST(self) -> None:
        self._meet()

    def do_PUT(self) -> None:
        self._meet()

    def _end(self, *, hang: bool) -> None:
        if hang:
            self.rfile.read(1)  # comes back when the client closes, or `end_connections` does
        self.close_connection = True

    def _answer(self, reply: Reply, *, cut: bool = False) -> None:
        body = reply.whole()
        self.send_response_only(reply.status)
        kind = {"Content-Type": "application/json"} if reply.body is None else {}
        for name, value in {"Date": self.date_time_string(), **kind, **reply.headers}.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


def _multipart(content_type: str, body: bytes) -> Iterator[Part]:
    boundary = _header(f"Content-Type: {content_type}", "boundary")
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = HeaderParser().parsestr(head.decode())
        file_name = lines.get_param("filename", header="Content-Disposition")
        name = str(lines.get_param("name", header="Content-Disposition"))
        yield Part(name, None if file_name is None else str(file_name), lines.get_content_type(), data)
