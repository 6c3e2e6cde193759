"""A photo to send, time that passes only when somebody waits, and servers that speak no good HTTP."""

import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, Rendition, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.kinds import check_gallery_settings
from photopipe.upload.uploader import Uploader


def make_photo(data: bytes = b"picture", path: str = "/camera/IMG_0001.JPG", **changes: Any) -> ResizedPhoto:
    sha256, sha1, md5 = (hashlib.new(name, data).hexdigest() for name in ("sha256", "sha1", "md5"))
    rendition = Rendition("IMG_0001.jpg", "image/jpeg", len(data), sha256, sha1, md5, 4, 3, taken_at=None)
    found = FoundPhoto(path, 1, 2, 3, 1_700_000_000_250_000_000, 5)
    return ResizedPhoto(DownloadedPhoto(found, "5" * 64), replace(rendition, **changes), data)


def original_photo(path: Path, data: bytes = bytes(range(256)) * 4000) -> ResizedPhoto:
    """A photo that is sent as it is, from a file made here."""
    path.write_bytes(data)
    found = FoundPhoto.from_stat(str(path), path.stat())
    photo = make_photo(data)
    return replace(photo, source=replace(photo.source, found=found), data=None)


class Time(StopToken):
    """A clock and a stop in one: waiting is what makes time pass, and it passes at once.

    Args:
        stop_at_wait: the number of the wait during which the run is stopped, counted from 1.
    """

    def __init__(self, stop_at_wait: int | None = None) -> None:
        super().__init__()
        self.now = 1000.0
        self.waits: list[float] = []
        self._stop_at_wait = stop_at_wait

    def clock(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return self._stop_at_wait is not None and len(self.waits) >= self._stop_at_wait

    def wait(self, timeout_s: float | None = None) -> bool:
        assert timeout_s is not None, "a wait without end"
        assert not self.is_set(), "waited after the stop"
        self.waits.append(timeout_s)
        self.now += timeout_s
        return self.is_set()


@contextmanager
def open_client(
    url: str, time: Time | None = None, random: Callable[[], float] = lambda: 0.5, **settings: Any
) -> Iterator[UploadClient]:
    clock: dict[str, Any] = {"clock": time.clock} if time else {}
    uploader = Uploader(check_gallery_settings(UploadSettings(url, **settings)), random=random, **clock)
    with uploader.open_client() as client:
        yield client


def serve(
    stack: ExitStack, talk: Callable[[socket.socket], None], context: ssl.SSLContext | None = None, port: int = 0
) -> str:
    """A server that leaves each connection to `talk`, one at a time; its address without a scheme."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", port)))
    talking: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                talking[:] = [connection]
                if context is None:
                    talk(connection)
                else:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        talking[:] = [secure]
                        talk(secure)

    def end() -> None:
        listener.shutdown(socket.SHUT_RDWR)
        for connection in talking:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        thread.join(5)

    thread = threading.Thread(target=accept, name="raw-server")
    thread.start()
    stack.callback(end)
    return f"127.0.0.1:{listener.getsockname()[1]}/api/photos"


def head_of_request(connection: socket.socket) -> bytes:
    """The request line and headers; raises OSError when the client is gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(1)
        if not piece:
            raise ConnectionResetError
        received += piece
    return received
