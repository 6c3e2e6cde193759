"""A second Ctrl-C wakes every worker, wherever it waits."""

import gc
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from support.deadline import DEADLINE_S
from support.fault_gallery import Fault, FaultGallery
from support.uploading import Time, head_of_request, make_photo, open_client, serve

from photopipe.errors import RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.uploader import Uploader


class Blocked:
    """A worker that waits for a gallery, and what became of it."""

    def __init__(self, url: str, data: bytes = b"picture") -> None:
        self.uploader = Uploader(
            UploadSettings(url, connect_timeout_s=60, first_answer_s=60, retry_for_s=0), random=lambda: 1.0
        )
        self.stop = StopToken()
        self.error: BaseException | None = None
        self._data = data
        self._thread = threading.Thread(target=self._work, name="worker")
        self._thread.start()

    def _work(self) -> None:
        try:
            with self.uploader.open_client() as client:
                client.upload(make_photo(self._data), "key", self.stop)
        except BaseException as error:
            self.error = error

    def abort(self) -> None:
        self.stop.set()
        self.uploader.abort()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the worker did not wake"
        assert isinstance(self.error, RunStopped)


@contextmanager
def raw_server(reached: threading.Event, *parts: bytes) -> Iterator[str]:
    """Answers each request with one of `parts`, then says no more; `reached` is set by then."""

    def talk(connection: socket.socket) -> None:
        for part in parts:
            head_of_request(connection)
            connection.sendall(part)
        reached.set()
        over.wait()

    over = threading.Event()
    with ExitStack() as stack:
        address = serve(stack, talk)
        stack.callback(over.set)
        yield address


NOT_ALLOWED = b"HTTP/1.1 405 X\r\nContent-Length: 0\r\n\r\n"


def test_a_worker_that_waits_for_an_answer_wakes() -> None:
    reached = threading.Event()

    def plan(_number: int) -> Fault:
        reached.set()
        return Fault.HANG

    with FaultGallery(plan) as gallery:
        blocked = Blocked(gallery.url)
        assert reached.wait(5)
        blocked.abort()


def test_a_worker_whose_photo_is_not_read_by_the_gallery_wakes() -> None:
    reached = threading.Event()
    with raw_server(reached, NOT_ALLOWED) as address:
        blocked = Blocked(f"http://{address}", b"x" * 30_000_000)
        assert reached.wait(5)
        blocked.abort()


@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"], ids=["kept", "closed"])
def test_a_worker_in_the_middle_of_an_answer_wakes(connection: bytes) -> None:
    """With `Connection: close` urllib3 lets go of the connection before the answer is read."""
    reached = threading.Event()
    half = b"HTTP/1.1 201 X\r\n" + connection + b"Content-Length: 100\r\n\r\n{"
    with raw_server(reached, NOT_ALLOWED, half) as address:
        blocked = Blocked(f"http://{address}")
        assert reached.wait(5)
        blocked.abort()


def test_a_worker_in_the_middle_of_a_tls_handshake_wakes() -> None:
    reached = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.recv(1)
        reached.set()
        over.wait()

    over = threading.Event()
    with ExitStack() as stack:
        address = serve(stack, talk)
        stack.callback(over.set)
        blocked = Blocked(f"https://{address}")
        assert reached.wait(5)
        blocked.abort()


def test_a_worker_behind_a_proxy_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = threading.Event()
    with raw_server(reached, b"") as address:
        monkeypatch.setenv("http_proxy", f"http://{address}")
        monkeypatch.setenv("https_proxy", f"http://{address}")
        for scheme in ("http", "https"):
            reached.clear()
            blocked = Blocked(f"{scheme}://photos.invalid/x")
            if scheme == "http":
                assert reached.wait(5)
            blocked.abort()


def test_after_the_abort_nothing_is_sent() -> None:
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url))
        with uploader.open_client() as early:
            uploader.abort()
            uploader.abort()
            with uploader.open_client() as late:
                for client in (early, late):
                    with pytest.raises(RunStopped):
                        client.upload(make_photo(), "key", Time())
    assert (gallery.connections, gallery.posts) == (0, [])


def test_an_abort_between_two_photos_closes_the_idle_connection() -> None:
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url))
        with uploader.open_client() as client:
            client.upload(make_photo(), "key", Time())
            uploader.abort()
            with pytest.raises(RunStopped):
                client.upload(make_photo(b"2"), "2", Time())
    assert gallery.posts == ["key"]


def test_a_photo_the_gallery_confirmed_is_not_lost_to_a_late_stop() -> None:
    stop = StopToken()

    def plan(_number: int) -> Fault:
        stop.set()
        return Fault.OK

    with FaultGallery(plan) as gallery:
        uploader = Uploader(UploadSettings(gallery.url))
        with uploader.open_client() as client:
            assert client.upload(make_photo(), "key", stop).receipt.remote_id == "1"


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


@pytest.mark.parametrize("fault", [Fault.OK, Fault.TAKE_AND_DROP, Fault.TAKE_AND_CUT, Fault.CUT_BODY], ids=str)
def test_no_connection_stays_open(fault: Fault) -> None:
    """Without the garbage collector's help: it comes when it likes."""
    before, clock = open_files(), Time()
    gc.disable()
    try:
        with FaultGallery(lambda number: Fault.OK if number % 2 else fault) as gallery:
            uploader = Uploader(UploadSettings(gallery.url), clock=clock.clock, random=lambda: 0.1)
            for number in range(3):
                with uploader.open_client() as client:
                    client.upload(make_photo(bytes([number])), str(number), clock)
        assert open_files() == before
    finally:
        gc.enable()


def test_a_connection_that_failed_is_closed_before_the_next_attempt() -> None:
    """The gallery sees that we are gone, and need not keep a worker for us while we wait."""
    gone = threading.Event()

    def talk(connection: socket.socket) -> None:
        head_of_request(connection)
        connection.sendall(NOT_ALLOWED)
        while connection.recv(1 << 16):
            pass
        gone.set()

    class Watching(Time):
        def wait(self, timeout: float | None = None) -> bool:
            assert gone.wait(2), "the failed connection is still open"
            return super().wait(timeout)

    clock = Watching(stop_at_wait=1)
    with (
        ExitStack() as stack,
        open_client("http://" + serve(stack, talk), clock, read_timeout_s=0.1) as client,
        pytest.raises(RunStopped),
    ):
        client.upload(make_photo(), "key", clock)
    assert len(clock.waits) == 1
