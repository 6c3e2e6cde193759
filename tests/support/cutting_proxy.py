"""A proxy between a client and a real server that loses what the server answers, when told to."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from support.uploading import head_of_request

PIECE_BYTES: Final = 16 * 1024


@dataclass
class CuttingProxy:
    """A proxy that runs.

    Attributes:
        url: its address, without a slash at the end.
        lost: the requests whose answers were lost: `MOVE /dav/a.jpg`.
    """

    url: str
    lost: list[str] = field(default_factory=list)


@contextmanager
def cutting_proxy(port: int, loses: Callable[[str], bool]) -> Iterator[CuttingProxy]:
    """Pass everything on, one request at a time; a lost answer is read from the server and thrown away.

    Args:
        port: of the server on 127.0.0.1.
        loses: told `METHOD /path` of each request; True to lose its answer and close the connection.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CuttingProxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
        open_sockets: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, suppress(OSError):
                    open_sockets[:] = [client]
                    _pass_one_on(client, port, loses, proxy)

        thread = threading.Thread(target=accept, name="cutting-proxy")
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for connection in open_sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _pass_one_on(client: socket.socket, port: int, loses: Callable[[str], bool], proxy: CuttingProxy) -> None:
    """One request and its answer; both connections are closed after it."""
    head = head_of_request(client)
    request = " ".join(head.decode("latin-1").split(" ")[:2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
        server.sendall(head.replace(b"Connection: keep-alive", b"Connection: close"))
        _copy_body(client, server, _content_length(head))
        answer = b"".join(iter(lambda: server.recv(PIECE_BYTES), b""))
    if loses(request):
        proxy.lost.append(request)
    else:
        client.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))  # said, or the next request comes here


def _copy_body(client: socket.socket, server: socket.socket, size_bytes: int) -> None:
    while size_bytes:
        piece = client.recv(min(PIECE_BYTES, size_bytes))
        if not piece:
            raise ConnectionResetError
        server.sendall(piece)
        size_bytes -= len(piece)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
