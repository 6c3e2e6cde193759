"""Rule 33 of the protocol: open pages are told that photos have come, and cost the server next to nothing."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, running_gallery
from support.deadline import until, within_deadline

from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.server.wsgi_server import THREADS
from photopipe.gallery.store.store import PhotoStore

LOOKS_EVERY_S = 0.2
"""The tests have no second to wait."""


@pytest.fixture(autouse=True)
def looks_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photopipe.gallery.api.event_stream.EVERY_S", LOOKS_EVERY_S)


class Page:
    """An open page: a connection to `/api/events`, read event by event."""

    def __init__(self, gallery: GalleryClient, version: str = "1.1") -> None:
        parts = urlsplit(gallery.url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S)
        self._socket.sendall(f"GET /api/events HTTP/{version}\r\nHost: {parts.netloc}\r\n\r\n".encode())
        self._lines = self._socket.makefile("rb")
        self.seen: list[bytes] = []
        self.head = b"".join(iter(self._lines.readline, b"\r\n")).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave, as a browser does whose tab is closed."""
        self._lines.close()
        self._socket.close()

    def photos(self) -> int:
        """The number in the next event."""
        for line in self._lines:
            self.seen.append(line)
            if line.startswith(b"data: "):
                return int(json.loads(line.removeprefix(b"data: "))["photos"])
        raise EOFError

    def rest(self) -> bytes:
        """What comes until the answer ends."""
        return self._lines.read()

    def say(self, words: bytes) -> None:
        """Send something more."""
        self._socket.sendall(words)


def threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(name)]


def test_rule_33_a_page_hears_how_many_photos_there_are_and_of_each_change(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    with Page(gallery) as page:
        assert page.head.startswith("HTTP/1.1 200")
        assert "Content-Type: text/event-stream" in page.head
        assert page.photos() == 1
        gallery.post(jpeg("b"))
        assert page.photos() == 2


def test_rule_33_a_page_hears_what_another_process_stores(gallery: GalleryClient) -> None:
    add = (
        "import io, sys; from photopipe.gallery.store.store import PhotoStore\n"
        "from photopipe.gallery.store.upload import Upload\n"
        "PhotoStore(sys.argv[1]).add(Upload(None, None, 'a.jpg', 'a.jpg'), io.BytesIO(b'\\xff\\xd8\\xff\\xe0' * 9))"
    )
    with Page(gallery) as page:
        assert page.photos() == 0
        subprocess.run([sys.executable, "-c", add, str(gallery.folder)], check=True, timeout=DEADLINE_S)
        assert page.photos() == 1


def test_rule_33_more_pages_than_threads_keep_none_of_them(gallery: GalleryClient) -> None:
    with ExitStack() as pages:
        opened = [pages.enter_context(Page(gallery)) for _ in range(THREADS + 8)]
        assert [page.photos() for page in opened] == [0] * len(opened)
        assert gallery.post(jpeg("a")).status_code == 201
        assert [page.photos() for page in opened] == [1] * len(opened)


def test_an_old_client_is_told_in_its_own_way(gallery: GalleryClient) -> None:
    with Page(gallery, version="1.0") as page:
        assert "chunked" not in page.head
        assert page.photos() == 0


def test_what_is_asked_on_an_open_stream_is_not_answered(gallery: GalleryClient) -> None:
    with Page(gallery) as page:
        assert page.photos() == 0
        page.say(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for number in (1, 2):
            gallery.post(jpeg(str(number)))
            assert page.photos() == number
        assert not any(line.startswith(b"HTTP/1.1") for line in page.seen)


def test_only_get_opens_a_stream(gallery: GalleryClient) -> None:
    answer = gallery.session.head(f"{gallery.url}/api/events", timeout=DEADLINE_S)
    assert (answer.status_code, answer.content) == (200, b"")
    assert threads("gallery-events") == []


def test_a_stop_ends_the_stream_at_once_and_in_order(tmp_path: Path) -> None:
    with ExitStack() as left:
        with running_gallery(tmp_path / "gallery") as gallery:
            page = left.enter_context(Page(gallery))
            assert page.photos() == 0
            began_s = time.monotonic()
        assert time.monotonic() - began_s < 4
        assert page.rest().endswith(b"0\r\n\r\n")


class Listener:
    """Stands for a connection, so that the stream can be seen from the other side."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = is_open
        self.heard: list[tuple[float, bytes]] = []
        self.has_ended = False

    def send_event(self, event: bytes) -> bool:
        self.heard.append((time.monotonic(), event))
        return self.is_open

    def end_events(self) -> None:
        self.has_ended = True


@pytest.fixture
def make_stream(tmp_path: Path) -> Iterator[Callable[..., EventStream]]:
    with PhotoStore(str(tmp_path / "gallery")) as store, ExitStack() as opened:

        def make(most: int = 10, heartbeat_s: float = 60.0) -> EventStream:
            stream = EventStream(store.folder, most=most, heartbeat_s=heartbeat_s)
            opened.callback(within_deadline, stream.close)
            return stream

        yield make


def test_no_more_may_listen_than_there_is_room_for(make_stream: Callable[..., EventStream]) -> None:
    stream = make_stream(most=2)
    first, second = Listener(), Listener()
    assert (stream.add(first), stream.has_room(), stream.add(second)) == (True, True, True)
    assert (stream.has_room(), stream.add(Listener()), stream.listeners()) == (False, False, 2)
    stream.forget(first)
    assert stream.add(Listener())


def test_a_full_stream_is_answered_503(gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventStream, "has_room", lambda _stream: False)
    answer = gallery.get("/api/events")
    assert (answer.status_code, answer.json()["reason"]) == (503, "too_many_listeners")
    assert answer.headers["Retry-After"] == "5"


def test_a_closed_connection_is_forgotten(make_stream: Callable[..., EventStream]) -> None:
    stream = make_stream()
    stream.add(Listener(is_open=False))
    until(lambda: stream.listeners() == 0)


def test_a_page_that_is_left_is_forgotten(gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[object] = []
    forget = EventStream.forget

    def note(stream: EventStream, page: object) -> None:
        forgotten.append(page)
        forget(stream, page)  # type: ignore[arg-type] # a connection, whose class ships no types

    monkeypatch.setattr(EventStream, "forget", note)
    monkeypatch.setattr("photopipe.gallery.api.event_stream.EVERY_S", 60.0)  # no further event finds out
    with Page(gallery) as page, Page(gallery) as later:
        assert [page.photos(), later.photos()] == [0, 0]
        with Page(gallery) as last:
            assert last.photos() == 0  # by now, what the stream does for the first page is over
            page.close()
            until(lambda: bool(forgotten))


def test_a_silent_stream_has_a_heartbeat(make_stream: Callable[..., EventStream]) -> None:
    stream, listener = make_stream(heartbeat_s=0.1), Listener()
    stream.add(listener)
    until(lambda: len(listener.heard) > 1)
    assert listener.heard[1][1] == b":\n\n"


def test_events_come_no_faster_than_the_index_is_looked_at(gallery: GalleryClient) -> None:
    with Page(gallery) as page:
        assert page.photos() == 0
        began_s = time.monotonic()
        for number in range(30):
            gallery.post(jpeg(str(number)))
        heard = [page.photos()]
        while heard[-1] < 30:
            heard.append(page.photos())
        assert len(heard) <= 1 + (time.monotonic() - began_s) / LOOKS_EVERY_S


def test_a_broken_index_ends_the_streams_so_that_pages_ask_again(
    make_stream: Callable[..., EventStream], tmp_path: Path
) -> None:
    stream, listener = make_stream(), Listener()
    (tmp_path / "gallery/.photopipe/index.sqlite").rename(tmp_path / "lost")
    (tmp_path / "gallery/.photopipe/index.sqlite").mkdir()
    stream.add(listener)
    until(lambda: listener.has_ended)
    assert stream.listeners() == 0
