"""An endpoint that has never answered is given up soon, and a slow one is not mistaken for it."""

import socket
import threading
import time as real_time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.uploading import Time, head_of_request, make_photo, open_client, serve
from urllib3 import Timeout

from photopipe.errors import GalleryUnreachable, UsageError
from photopipe.http.connection import proxies_for
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.http.http_session import HttpSession
from photopipe.upload.uploader import Uploader

TOO_LATE_S = 9.0
"""The usual time of an endpoint that has never answered is ten seconds."""

NOT_ALLOWED = b"HTTP/1.1 405 X\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def dead_url() -> Iterator[str]:
    """A port that is taken, so that nobody else can open it, and that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/api/photos"


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that lets clients connect and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/api/photos"


def test_a_dead_port_is_given_up_within_ten_seconds(dead_url: str) -> None:
    time = Time()
    with (
        open_client(dead_url, time) as client,
        pytest.raises(GalleryUnreachable, match=r"connection refused \(tried for \d+ s\)") as raised,
    ):
        client.upload(make_photo(), "key", time)
    assert 5 < sum(time.waits) <= 10
    assert dead_url.split("/")[2] in str(raised.value)
    assert "object at" not in str(raised.value)


def test_a_dead_port_is_given_up_in_real_time_too(dead_url: str) -> None:
    started = real_time.monotonic()
    with open_client(dead_url, first_answer_s=0.3) as client, pytest.raises(GalleryUnreachable):
        within_deadline(lambda: client.find(make_photo(), "key", StopToken()))
    assert real_time.monotonic() - started < TOO_LATE_S


def test_a_name_that_does_not_exist_is_said_so() -> None:
    time = Time()
    with (
        open_client("http://no-such-host.invalid/api/photos", time, first_answer_s=0.5) as client,
        pytest.raises(GalleryUnreachable, match=r"^no-such-host.invalid: name not found"),
    ):
        client.upload(make_photo(), "key", time)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_never_says_a_word_costs_no_more_than_a_dead_one(silent_url: str, scheme: str) -> None:
    started, stop = real_time.monotonic(), StopToken()
    with (
        open_client(silent_url.replace("http", scheme, 1), first_answer_s=0.4) as client,
        pytest.raises(GalleryUnreachable, match=r"timed out after 0.4 s"),
    ):
        within_deadline(lambda: client.upload(make_photo(b"x" * 10_000_000), "key", stop))
    assert 0.3 < real_time.monotonic() - started < TOO_LATE_S


def test_a_probe_as_a_whole_ends_within_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting and waiting for the answer together, not each."""
    totals: list[float] = []

    def breaks(_session: object, method: str, _url: str, timeout: Timeout, **_content: object) -> None:
        assert method == "HEAD"
        assert isinstance(timeout.total, float)
        totals.append(timeout.total)
        raise ConnectionResetError

    monkeypatch.setattr(HttpSession, "exchange", breaks)
    time = Time()
    with open_client("http://h/x", time) as client, pytest.raises(GalleryUnreachable):
        client.upload(make_photo(), "key", time)
    assert totals == [10 - sum(time.waits[:tries]) for tries in range(len(totals))]


def test_all_workers_share_the_first_ten_seconds(dead_url: str) -> None:
    time = Time()
    uploader = Uploader(UploadSettings(dead_url), clock=time.clock, random=lambda: 0.5)
    with uploader.open_client() as first, uploader.open_client() as second:
        with pytest.raises(GalleryUnreachable):
            first.upload(make_photo(), "key", time)
        waited = len(time.waits)
        time.now += 10
        with pytest.raises(GalleryUnreachable, match="no answer"):
            second.upload(make_photo(), "key", time)
    assert len(time.waits) == waited


def test_the_endpoint_is_probed_until_it_answers_and_never_after() -> None:
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url))
        for key in ("1", "2"):
            with uploader.open_client() as client:
                client.upload(make_photo(key.encode()), key, Time())
    assert (gallery.heads, len(gallery.stored)) == (1, 2)


def test_an_endpoint_that_answered_once_gets_the_longer_time() -> None:
    time = Time()
    with (
        FaultGallery([Fault.CUT_BODY] * 6 + [status(503)]) as gallery,
        open_client(gallery.url, time, random=lambda: 0.9, first_answer_s=1.0) as client,
    ):
        client.upload(make_photo(b"x" * 1000), "key", time)
    assert sum(time.waits) > 20
    assert len(gallery.stored) == 1


def test_a_gallery_that_starts_late_is_waited_for() -> None:
    def talk(connection: socket.socket) -> None:
        while True:
            head_of_request(connection)
            connection.sendall(NOT_ALLOWED)

    class LateGallery(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if len(self.waits) == 2:
                taken.close()
                serve(stack, talk, port=port)
            return super().wait(timeout)

    time = LateGallery()
    with ExitStack() as stack, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with open_client(f"http://127.0.0.1:{port}/api/photos", time) as client:
            assert client.find(make_photo(), "key", time) is None
    assert len(time.waits) == 3


def test_a_slow_uplink_is_not_cut_off_by_the_connect_timeout() -> None:
    """The server takes the photo only after a while; its size is beyond what the system buffers."""
    waited = threading.Event()

    def talk(connection: socket.socket) -> None:
        head_of_request(connection)
        connection.sendall(NOT_ALLOWED)
        left = int(head_of_request(connection).lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        waited.wait(0.5)
        while left:
            left -= len(connection.recv(1 << 20))
        connection.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1)

    time = Time()
    with ExitStack() as stack:
        url = "http://" + serve(stack, talk)
        with open_client(url, time, connect_timeout_s=0.1, read_timeout_s=10.0) as client:
            client.upload(make_photo(b"x" * 30_000_000), "key", time)
    assert time.waits == []


def test_an_answer_that_drips_is_not_waited_for_forever() -> None:
    over = threading.Event()

    def talk(connection: socket.socket) -> None:
        head_of_request(connection)
        connection.sendall(NOT_ALLOWED)
        head_of_request(connection)
        connection.sendall(b"HTTP/1.1 201 X\r\nContent-Length: 1000000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"x")

    stop = StopToken()
    with ExitStack() as stack:
        stack.callback(over.set)
        url = "http://" + serve(stack, talk)
        with (
            open_client(url, read_timeout_s=0.2, retry_for_s=0.0) as client,
            pytest.raises(GalleryUnreachable, match=r"timed out after 0.2 s"),
        ):
            within_deadline(lambda: client.upload(make_photo(), "key", stop))


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x16"])
def test_a_server_that_speaks_something_else_is_unreachable(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        head_of_request(connection)
        connection.sendall(answer)

    time = Time()
    with (
        ExitStack() as stack,
        open_client("http://" + serve(stack, talk), time, first_answer_s=1.0) as client,
        pytest.raises(GalleryUnreachable, match="the answer is not HTTP"),
    ):
        client.upload(make_photo(), "key", time)


@pytest.mark.parametrize("proxy", ["http://", "socks5://127.0.0.1:1", "nonsense://x:1"])
def test_a_proxy_setting_that_cannot_be_used_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with open_client("http://photos.invalid/x", Time()) as client, pytest.raises(UsageError, match="proxy"):
        client.upload(make_photo(), "key", Time())


def test_uploads_go_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultGallery() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with open_client("http://photos.invalid/api/photos") as client:
            client.upload(make_photo(), "key", Time())
    assert len(proxy.stored) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_gallery_on_this_machine_needs_no_proxy(monkeypatch: pytest.MonkeyPatch, dead_url: str, host: str) -> None:
    monkeypatch.setenv("http_proxy", dead_url)
    with FaultGallery() as gallery, open_client(gallery.url.replace("127.0.0.1", host)) as client:
        client.upload(make_photo(), "key", Time())
    assert len(gallery.stored) == 1


def test_only_this_machine_goes_without_the_proxy() -> None:
    here = ["http://127.0.0.1/x", "http://127.9.9.9:1/x", "http://[::1]:8000/x", "http://a.localhost/x"]
    elsewhere = ["http://10.0.0.1/x", "http://localhost.example.org/x", "http://127.0.0.1.example.org/x"]
    assert all(proxies_for(url) for url in here)
    assert not any(proxies_for(url) for url in elsewhere)
