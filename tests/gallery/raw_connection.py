"""A connection to a gallery on which a test says just what it wants to, however wrong it is."""

import re
import socket
from typing import Self
from urllib.parse import urlsplit

from gallery.running_gallery import DEADLINE_S


class RawConnection:
    """Sends bytes, and reads what comes.

    Args:
        url: of the gallery.
        receive_bytes: how much the system takes before it is read, or None for what is usual.
    """

    def __init__(self, url: str, receive_bytes: int | None = None) -> None:
        self.host = urlsplit(url).netloc
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S)
        if receive_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def request(self, line: str, *headers: str) -> Self:
        """Send the header of a request; `Host` is the gallery's own unless it is among the headers."""
        host = () if any(header.startswith("Host:") for header in headers) else (f"Host: {self.host}",)
        return self.send("\r\n".join([f"{line} HTTP/1.1", *host, *headers, "", ""]).encode())

    def send(self, data: bytes) -> Self:
        """Send anything."""
        self._socket.sendall(data)
        return self

    def status(self) -> int:
        """The status of the answer, read as far as its first line."""
        line = b""
        while not line.endswith(b"\r\n"):
            byte = self._socket.recv(1)
            assert byte, f"the connection was closed after {line!r}"
            line += byte
        return int(line.split()[1])

    def rest(self) -> bytes:
        """Everything until the gallery closes the connection."""
        answer = b""
        try:
            while data := self._socket.recv(1 << 16):
                answer += data
        except ConnectionResetError:
            pass  # closed while we were still sending
        return answer

    def statuses(self) -> list[int]:
        """The statuses of all answers until the gallery closes the connection."""
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", self.rest())]
