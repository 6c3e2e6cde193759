"""A proxy in front of any gallery that speaks HTTP, which spoils some of the calls on their way.

    with FaultProxy("127.0.0.1", port, choose=lambda call: Mishap.ANSWER_LOST) as proxy:
        upload_to(proxy.url)

So every kind of gallery, real or made up, meets the same mishaps. Each is hard in its own way: where
a client cannot know whether the gallery took the photo, chance decides whether it did.
"""

import http.client
import os
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Final, Self

DRIP_S: Final = 0.02
"""Time between two bytes of a slow answer."""
DRIPS: Final = 10
"""How many bytes come slowly at least: headers, where there is no more than them."""
RESTART_S: Final = 0.05
"""How long a gallery is away when it restarts."""
LATE_S: Final = 0.1
"""After what time a call to the gallery counts as late."""
BACKEND_S: Final = 20.0
"""Longest time the gallery behind may take."""


class Mishap(Enum):
    """What happens to a call."""

    ANSWER_LOST = "answer lost"
    CUT_BODY = "cut mid-body"
    ERROR_500 = "500s"
    BUSY = "429"
    BUSY_UNTIL = "429 with Retry-After"
    HANG = "hang"
    DRIP = "slow drip"
    TLS_ERROR = "TLS error"
    RESTART = "restart"
    DISK_FULL = "disk full (507)"
    TOKEN_EXPIRED = "token expired"


@dataclass(frozen=True)
class Call:
    """One request on its way.

    Attributes:
        number: counted from 0.
        method: HTTP method.
        path: with its query.
        headers: in their order.
        body: all of it.
    """

    number: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class _Answer:
    """What goes back."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def head(self) -> bytes:
        length = () if any(name.lower() == "content-length" for name, _ in self.headers) else self._length()
        lines = [f"{name}: {value}" for name, value in (*self.headers, *length)]
        return "\r\n".join([f"HTTP/1.1 {self.status} X", *lines, "", ""]).encode("latin-1")

    def _length(self) -> tuple[tuple[str, str], ...]:
        return () if self.status == 204 else (("Content-Length", str(len(self.body))),)


class FaultProxy:
    """A proxy on 127.0.0.1, run while the `with` block lasts; its threads end with the block.

    Args:
        port: where the gallery is on 127.0.0.1.
        choose: what happens to a call; None lets it pass.
        context: to be reached by TLS, or None for plain HTTP.
        seed: of the chances a mishap takes.

    Attributes:
        url: the proxy's address, without a path; known inside the block.
        calls: requests that came in.
        mishaps: how many of them were spoilt.
    """

    def __init__(
        self,
        port: int,
        choose: Callable[[Call], Mishap | None],
        *,
        context: ssl.SSLContext | None = None,
        seed: int = 0,
    ) -> None:
        self._backend = port
        self._choose = choose
        self._context = context
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._forwarding: dict[int, float] = {}
        self._forwarded = threading.Condition(self._lock)
        self._ended = threading.Event()
        self._restarting = threading.Event()
        self.url = ""
        self.calls = self.mishaps = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._port = self._listener.getsockname()[1]
        self.url = f"{'https' if self._context else 'http'}://127.0.0.1:{self._port}"
        self._acceptor = threading.Thread(target=self._accept, name="fault-proxy")
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._hang_up()
        self._acceptor.join()
        self._hang_up()
        for thread in self._threads:
            thread.join()

    def _hang_up(self) -> None:
        """End the listener and every connection."""
        with self._lock:
            for connection in (self._listener, *self._open):
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                self._listener.close()
                if self._ended.wait(RESTART_S):
                    return
                listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
                with self._lock:
                    self._listener = listener
                self._restarting.clear()
                continue
            thread = threading.Thread(target=self._serve, args=(connection,), name="fault-proxy-connection")
            self._threads = [*(old for old in self._threads if old.is_alive()), thread]
            thread.start()
        self._listener.close()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._known(connection), suppress(OSError, ValueError, http.client.HTTPException):
            if self._context is None:
                self._answer_all(connection)
            else:
                with self._context.wrap_socket(connection, server_side=True) as secure, self._known(secure):
                    self._answer_all(secure)

    @contextmanager
    def _known(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            with connection:
                yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def _answer_all(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as reading:
            while not self._ended.is_set() and (call := self._read(reading)) is not None:
                mishap = self._choose(call)
                if mishap is None:
                    if _has_hung_up(connection):
                        return
                    self._send(connection, call, self._forward(call))
                else:
                    with self._lock:
                        self.mishaps += 1
                    if not self._spoil(connection, reading, call, mishap):
                        return

    def _read(self, reading: BinaryIO) -> Call | None:
        line = reading.readline().decode("latin-1")
        if not line.strip():
            return None
        method, path, _ = line.split(" ", 2)
        headers: list[tuple[str, str]] = []
        while (line := reading.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        named = {name.lower(): value for name, value in headers}
        length = int(named.get("content-length", "0"))
        body = reading.read(length)
        if len(body) < length:
            return None
        with self._lock:
            self.calls += 1
            return Call(self.calls - 1, method, path, tuple(headers), body)

    def _forward(self, call: Call) -> _Answer:
        """The gallery's own answer."""
        with self._in_turn(call):
            return self._asked(call)

    @contextmanager
    def _in_turn(self, call: Call) -> Iterator[None]:
        """Wait for what is late already.

        With timeouts of a fraction of a second, a busy machine alone makes a client give up a photo the gallery
        is still working on; what it asks next must not overtake that.
        """
        started = time.monotonic()
        with self._forwarded:
            self._forwarding[call.number] = started
            self._forwarded.wait_for(lambda: min(self._forwarding.values()) > started - LATE_S, BACKEND_S)
        try:
            yield
        finally:
            with self._forwarded:
                del self._forwarding[call.number]
                self._forwarded.notify_all()

    def _asked(self, call: Call) -> _Answer:
        backend = self._connected(call)
        try:
            backend.endheaders(call.body or None)
            response = backend.getresponse()
            body = response.read()
            dropped = {"connection", "transfer-encoding", "keep-alive"}
            dropped |= set() if call.method == "HEAD" else {"content-length"}
            kept = [(name, value) for name, value in response.getheaders() if name.lower() not in dropped]
            return _Answer(response.status, tuple(kept), body)
        finally:
            backend.close()

    def _cut(self, call: Call) -> None:
        """Send the gallery half of the body and hang up."""
        backend = self._connected(call)
        try:
            backend.endheaders()
            backend.send(call.body[: len(call.body) // 2])
        finally:
            backend.close()

    def _connected(self, call: Call) -> http.client.HTTPConnection:
        backend = http.client.HTTPConnection("127.0.0.1", self._backend, timeout=BACKEND_S)
        backend.putrequest(call.method, call.path, skip_host=True, skip_accept_encoding=True)
        moves = any(name.lower() == "destination" for name, _ in call.headers)
        for name, value in call.headers:
            if name.lower() != "connection":
                backend.putheader(name, self._seen_from_inside(value) if moves else value)
        return backend

    def _seen_from_inside(self, value: str) -> str:
        """WebDAV servers compare where a file is moved to with their own address."""
        own = f"127.0.0.1:{self._backend}"
        return value.replace(self.url, f"http://{own}").replace(f"127.0.0.1:{self._port}", own)

    def _send(self, connection: socket.socket, call: Call, answer: _Answer) -> None:
        connection.sendall(answer.head() + (b"" if call.method == "HEAD" else answer.body))

    def _spoil(self, connection: socket.socket, reading: BinaryIO, call: Call, mishap: Mishap) -> bool:
        """Do to a call what is to be done; True if the connection may go on."""
        with self._lock:
            taken, code = self._chance.random() < 0.5, self._chance.choice([500, 502, 503, 504])
        match mishap:
            case Mishap.ERROR_500:
                if taken and code != 503:  # 503 says that nothing was taken
                    self._forward(call)
                self._send(connection, call, _Answer(code))
                return True
            case Mishap.BUSY | Mishap.BUSY_UNTIL | Mishap.DISK_FULL | Mishap.TOKEN_EXPIRED:
                self._send(connection, call, _REFUSALS[mishap])
                return True
            case Mishap.CUT_BODY:
                if call.body:
                    self._cut(call)
            case Mishap.ANSWER_LOST:
                self._forward(call)
            case Mishap.HANG:
                if taken:
                    self._forward(call)
                reading.read(1)  # comes back when the client closes, or the block ends
            case Mishap.DRIP:
                self._drip(connection, call, self._forward(call))
            case Mishap.TLS_ERROR:
                if taken:
                    self._forward(call)
                os.write(connection.fileno(), b"this is no TLS record at all\r\n" * 4)
            case Mishap.RESTART:
                if taken:
                    self._forward(call)
                self._restart()
        return False

    def _drip(self, connection: socket.socket, call: Call, answer: _Answer) -> None:
        whole = answer.head() + (b"" if call.method == "HEAD" else answer.body)
        at_once = min(len(answer.head()), len(whole) - DRIPS)
        connection.sendall(whole[:at_once])
        for byte in whole[at_once:]:
            connection.sendall(bytes([byte]))
            if self._ended.wait(DRIP_S):
                return

    def _restart(self) -> None:
        if not self._restarting.is_set():
            self._restarting.set()
            self._hang_up()


def _has_hung_up(connection: socket.socket) -> bool:
    """True if the client gave the call up before it was read; TLS cannot be looked into."""
    if isinstance(connection, ssl.SSLSocket):
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


_REFUSALS: Final = {
    Mishap.BUSY: _Answer(429),
    Mishap.BUSY_UNTIL: _Answer(429, (("Retry-After", "1"),)),
    Mishap.DISK_FULL: _Answer(507),
    Mishap.TOKEN_EXPIRED: _Answer(401),
}
