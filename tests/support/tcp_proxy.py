"""A proxy for any protocol on TCP, which can cut all connections: with a reset, or so that nobody notices."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

PIECE_BYTES: Final = 64 * 1024


class TcpProxy:
    """A proxy on 127.0.0.1, run while the `with` block lasts; its threads end with the block.

    Args:
        port: what is behind it on 127.0.0.1.

    Attributes:
        port: where it listens itself; known inside the block.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._is_silent = False
        self.port = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_listening()
        self._shut_down()
        for thread in self._threads:
            thread.join()
        for one in self._sockets:
            one.close()

    def cut_silently(self) -> None:
        """Pass nothing on from now on; connections stay open, and new ones are accepted and lead nowhere."""
        self._is_silent = True

    def reset(self) -> None:
        """End all connections with RST, and take no new ones."""
        self._stop_listening()
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._shut_down()

    def _stop_listening(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _shut_down(self) -> None:
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, name="tcp-proxy")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                front, _ = self._listener.accept()
                back = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                return
            with self._lock:
                self._sockets += [front, back]
            self._start(self._pass_on, front, back)
            self._start(self._pass_on, back, front)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if not self._is_silent:
                    target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
