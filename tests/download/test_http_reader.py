"""Photos from web servers that lie about ranges, lengths and types, change, break off or never answer."""

import gzip
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.deadline import until, within_deadline
from support.photo_server import LAST_MODIFIED, Answering, Lie, PhotoServer, photo_server

from photopipe.download.fetching import http_reader
from photopipe.download.fetching.fetch_spool import FetchSpool
from photopipe.download.fetching.http_reader import HttpReader
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.fetching.url_fetcher import UrlFetcher
from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import DownloadError, NotAPhoto, PhotoVanished, RunStopped
from photopipe.found_photo import Identity
from photopipe.stop_token import StopToken

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 1000
OTHER = b"\xff\xd8\xff" + bytes(reversed(range(256))) * 1100
HALF = 100_000
LIMIT_BYTES = 2_000_000


@pytest.fixture
def server() -> Iterator[PhotoServer]:
    with photo_server(a=PHOTO) as server:
        yield server


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_reader, "BACKOFF_START_S", 0.001)


def fetched(server: PhotoServer, tmp_path: Path, stop: StopToken | None = None, path: str = "/a.jpg") -> bytes:
    """What is in the copy, once it has been fetched."""
    spool = FetchSpool(str(tmp_path / "spool"), LIMIT_BYTES, stop or StopToken())
    address = WebAddress.of(server.url + path)

    def fetch(_path: str, copy: IncomingCopy) -> Identity:
        with HttpReader(copy.stop) as reader:
            reader.get(address, copy)
        return Identity(0, 0, 0, 0, 0)

    try:
        with spool.open(address.path, fetch) as file:
            return file.read()
    finally:
        spool.close()
        assert not (tmp_path / "spool").exists()


def half(answering: Answering) -> None:
    """The connection is cut in the middle."""
    body = answering.content[:HALF]
    answering.answer(
        200, body, length=len(answering.content), headers={"ETag": answering.etag, "Last-Modified": LAST_MODIFIED}
    )


def replaced_by_another(answering: Answering) -> None:
    """The photo is replaced before the next request."""
    half(answering)
    answering.server_state.photos["/a.jpg"] = OTHER


def part(start: int, end: int, total: int | str, content: bytes = bytes(len(PHOTO)), etag: str = "") -> Lie:
    """A part that says it is `start` to `end`, whatever was asked for, and by default is no part of the photo."""

    def answer(answering: Answering) -> None:
        headers = {"Content-Range": f"bytes {start}-{end}/{total}", "ETag": etag or answering.etag}
        answering.answer(206, content[HALF:], headers=headers)

    return answer


def test_a_photo_arrives_as_it_is(server: PhotoServer, tmp_path: Path) -> None:
    assert fetched(server, tmp_path) == PHOTO
    assert server.gets == [None]


def test_after_a_cut_only_the_rest_is_asked_for(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(half)
    assert fetched(server, tmp_path) == PHOTO
    assert server.gets == [None, f"bytes={HALF}-"]


END = len(PHOTO) - 1


@pytest.mark.parametrize(
    "lie",
    [
        part(0, END, len(PHOTO)),
        part(HALF + 1, END, len(PHOTO)),
        part(HALF, END - 1, len(PHOTO)),
        part(HALF, END, len(PHOTO) + 1),
        part(HALF, END, "*"),
        part(HALF, END, len(PHOTO), etag='"other"'),
        part(HALF, END, len(PHOTO), content=PHOTO[:-7]),
        part(HALF, END, len(PHOTO), content=PHOTO + b"more"),
        lambda answering: answering.answer(206, b"x" * 50),
        lambda answering: answering.answer(416, b""),
        lambda answering: answering.answer(200, PHOTO, headers={"ETag": answering.etag}),
    ],
)
def test_a_part_that_is_not_proved_to_be_the_rest_is_not_used(server: PhotoServer, tmp_path: Path, lie: Lie) -> None:
    server.lies.extend([half, lie])
    try:
        assert fetched(server, tmp_path) == PHOTO
    except DownloadError as error:
        assert "longer than" in str(error)  # noqa: PT017 - either is right, a wrong photo is not


def test_a_photo_that_is_replaced_between_two_parts_is_fetched_anew(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(replaced_by_another)
    assert fetched(server, tmp_path) == OTHER


@pytest.mark.parametrize(
    ("validators", "date", "is_proved"),
    [
        ({}, None, False),
        ({"ETag": 'W/"1"', "Last-Modified": LAST_MODIFIED}, None, False),
        ({"Last-Modified": LAST_MODIFIED}, LAST_MODIFIED, False),  # it could change again within the same second
        ({"Last-Modified": LAST_MODIFIED}, None, True),
        ({"ETag": '"1"'}, None, True),
    ],
)
def test_the_rest_alone_is_asked_for_only_if_something_proves_that_the_photo_is_the_same(
    server: PhotoServer, tmp_path: Path, validators: dict[str, str], date: str | None, is_proved: bool
) -> None:
    server.date, server.left_out = date, {"ETag", "Last-Modified"} - validators.keys()
    server.lies.append(lambda answering: answering.answer(200, PHOTO[:HALF], length=len(PHOTO), headers=validators))
    assert fetched(server, tmp_path) == PHOTO
    assert server.gets == [None, f"bytes={HALF}-" if is_proved else None]


@pytest.mark.parametrize("answers", [503, 429, 500, 408])
def test_a_busy_server_is_asked_again(server: PhotoServer, tmp_path: Path, answers: int) -> None:
    server.lies.extend([half, lambda answering: answering.answer(answers, b"busy")])
    assert fetched(server, tmp_path) == PHOTO
    assert server.gets == [None, f"bytes={HALF}-", f"bytes={HALF}-"], "and what had come is kept"


def test_a_server_that_asks_to_wait_is_not_asked_before(server: PhotoServer, tmp_path: Path) -> None:
    class Waits(StopToken):
        waits: list[float] = []  # noqa: RUF012 - of one test

        def wait(self, timeout_s: float | None = None) -> bool:
            self.waits.append(timeout_s or 0)
            return False

    stop = Waits()
    server.lies.append(lambda answering: answering.answer(503, b"busy", headers={"Retry-After": "7"}))
    server.lies.append(lambda answering: answering.answer(503, b"busy", headers={"Retry-After": "700000"}))
    assert fetched(server, tmp_path, stop) == PHOTO
    assert stop.waits == [7.0, 30.0]


def test_a_server_that_never_gives_the_photo_is_given_up(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.extend([lambda answering: answering.answer(503, b"busy")] * 9)
    with pytest.raises(DownloadError, match="503 Service Unavailable"):
        fetched(server, tmp_path)
    assert len(server.gets) == 4


def test_one_that_brings_a_little_more_each_time_is_not_given_up(
    server: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_reader, "PROGRESS_BYTES", 20_000)

    def next_piece(answering: Answering) -> None:
        start = int((answering.headers.get("Range") or "bytes=0-")[6:-1])
        headers = {"ETag": answering.etag, "Content-Range": f"bytes {start}-{END}/{len(PHOTO)}" if start else ""}
        piece = PHOTO[start : start + 25_000]
        answering.answer(206 if start else 200, piece, length=len(PHOTO) - start, headers=headers)

    server.lies.extend([next_piece] * 9)
    assert fetched(server, tmp_path) == PHOTO


def chunked(pieces: list[bytes], end: bytes) -> Lie:
    def answer(answering: Answering) -> None:
        answering.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            answering.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        answering.wfile.write(end)
        answering.close_connection = True

    return answer


def test_a_body_in_chunks_is_read_to_its_end(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(chunked([PHOTO[:50_000], PHOTO[50_000:]], b"0\r\n\r\n"))
    assert fetched(server, tmp_path) == PHOTO


def test_chunks_that_break_off_are_no_photo(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(chunked([PHOTO[:50_000]], b""))
    assert fetched(server, tmp_path) == PHOTO
    assert len(server.gets) == 2


def test_chunks_without_an_end_are_cut_off_at_the_limit(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.extend([chunked([PHOTO] * 20, b"")] * 2)
    with pytest.raises(DownloadError, match="larger than"):
        fetched(server, tmp_path)


def test_a_length_beyond_the_limit_is_refused_before_anything_is_read(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(lambda answering: answering.answer(200, b"x", length=10**15))
    with pytest.raises(DownloadError, match="is larger"):
        fetched(server, tmp_path)


def test_a_body_that_is_packed_unasked_is_unpacked(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(
        lambda answering: answering.answer(200, gzip.compress(PHOTO), headers={"Content-Encoding": "gzip"})
    )
    assert fetched(server, tmp_path) == PHOTO


def test_a_small_body_that_unpacks_to_more_than_the_limit_is_refused(server: PhotoServer, tmp_path: Path) -> None:
    bomb = gzip.compress(PHOTO[:3] + bytes(50_000_000))
    server.lies.extend([lambda answering: answering.answer(200, bomb, headers={"Content-Encoding": "gzip"})] * 2)
    with pytest.raises(DownloadError, match="larger than"):
        fetched(server, tmp_path)


def test_a_web_page_in_place_of_a_photo_is_refused(server: PhotoServer, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><title>Log in</title>" + b" " * 100
    server.lies.append(
        lambda answering: answering.answer(200, page, headers={"Content-Type": "text/html; charset=utf-8"})
    )
    with pytest.raises(NotAPhoto, match="web page, perhaps one that wants a login"):
        fetched(server, tmp_path)


def test_a_photo_that_is_called_a_web_page_is_a_photo(server: PhotoServer, tmp_path: Path) -> None:
    server.lies.append(lambda answering: answering.answer(200, PHOTO, headers={"Content-Type": "text/html"}))
    assert fetched(server, tmp_path) == PHOTO


def test_redirects_are_followed_and_a_login_goes_to_its_own_server_only(server: PhotoServer, tmp_path: Path) -> None:
    with photo_server(b=OTHER) as other:
        server.lies.append(lambda answering: answering.answer(302, b"", headers={"Location": f"{other.url}/b.jpg"}))
        address = WebAddress.of(server.url.replace("http://", "http://anna:t0ken@") + "/a.jpg")
        with HttpReader(StopToken()) as reader:
            assert reader.ask(address, by_get=True).size_bytes == len(OTHER)
        assert server.calls[-1].authorization is not None
        assert other.calls[-1].authorization is None


@pytest.mark.parametrize("location", ["/a.jpg", "ftp://host/a.jpg", "http://[", "//"])
def test_redirects_in_a_circle_and_to_nowhere_end(server: PhotoServer, tmp_path: Path, location: str) -> None:
    server.lies.extend([lambda answering: answering.answer(302, b"", headers={"Location": location})] * 50)
    with pytest.raises(DownloadError, match="server sends us"):
        within_deadline(lambda: fetched(server, tmp_path))
    assert len(server.gets) <= 11


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, PhotoVanished, "404 Not Found"),
        (410, PhotoVanished, "410 Gone"),
        (401, DownloadError, "wants a login"),
        (403, DownloadError, "403 Forbidden"),
        (299, DownloadError, "299"),
        (204, DownloadError, "204 No Content"),
    ],
)
def test_what_a_status_means(
    server: PhotoServer, tmp_path: Path, status: int, error: type[Exception], words: str
) -> None:
    server.lies.append(lambda answering: answering.answer(status, b""))
    with pytest.raises(error, match=words):
        fetched(server, tmp_path)
    assert len(server.gets) == 1


def test_a_server_that_is_down_is_named_without_the_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    down = PhotoServer(f"http://anna:t0ken@127.0.0.1:{port}")
    with pytest.raises(DownloadError, match="refuses connections") as refused:
        fetched(down, tmp_path, path="/a.jpg?key=s3cret")
    assert str(refused.value) == "cannot be fetched: the server refuses connections. Run again later."


def test_no_answer_and_a_trickle_are_too_slow(
    server: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_reader, "READ_TIMEOUT_S", 0.05)
    ended = threading.Event()

    def trickle(answering: Answering) -> None:
        answering.send_response(200)
        answering.send_header("Content-Length", str(len(PHOTO)))
        answering.end_headers()
        for number in range(1000):
            answering.wfile.write(PHOTO[number : number + 1])
            if ended.wait(0.01):
                break
        answering.close_connection = True

    def late(answering: Answering) -> None:
        ended.wait(0.2)
        answering.close_connection = True

    server.lies.extend([trickle, late])
    assert within_deadline(lambda: fetched(server, tmp_path)) == PHOTO
    ended.set()


@pytest.mark.parametrize("begins", [True, False])
def test_a_stop_ends_the_wait_for_a_server(server: PhotoServer, tmp_path: Path, begins: bool) -> None:
    stop, ended, is_asked = StopToken(), threading.Event(), threading.Event()

    def hang(answering: Answering) -> None:
        if begins:
            answering.answer(200, PHOTO[:1000], length=len(PHOTO))
        is_asked.set()
        ended.wait(20)
        answering.close_connection = True

    server.lies.append(hang)
    outcome: list[Exception] = []

    def fetch() -> None:
        try:
            fetched(server, tmp_path, stop)
        except RunStopped as error:
            outcome.append(error)

    thread = threading.Thread(target=fetch)
    thread.start()
    until(is_asked.is_set)
    stop.set()
    thread.join(5)
    ended.set()
    assert len(outcome) == 1


def identity_of(server: PhotoServer) -> Identity:
    return UrlFetcher(WebAddress.of(f"{server.url}/a.jpg"), "", mark=1).identity("a")


def test_a_photo_is_known_by_what_the_server_says_about_it(server: PhotoServer) -> None:
    first = identity_of(server)
    assert first.size_bytes == len(PHOTO)
    assert first.mtime_ns == 1_714_557_600_000_000_000
    assert identity_of(server) == first
    server.photos["/a.jpg"] = OTHER[: len(PHOTO)]
    assert identity_of(server) != first, "the ETag is another"


def method_not_allowed(answering: Answering) -> None:
    answering.answer(405, b"")


def length_of_zero(answering: Answering) -> None:
    answering.answer(200, b"", headers={"ETag": answering.etag, "Last-Modified": LAST_MODIFIED})


@pytest.mark.parametrize("head_lie", [method_not_allowed, length_of_zero])
def test_a_server_that_does_not_answer_a_head_well_is_understood_all_the_same(
    server: PhotoServer, head_lie: Lie
) -> None:
    plain = identity_of(server)
    server.head_lie = head_lie
    assert identity_of(server)[1] == plain.inode


def test_a_photo_its_server_says_nothing_about_looks_new_in_each_run(server: PhotoServer) -> None:
    server.left_out = {"ETag", "Last-Modified"}
    address = WebAddress.of(f"{server.url}/a.jpg")
    first, again, next_run = (UrlFetcher(address, "", mark).identity("a") for mark in (1, 1, 2))
    assert first == again != next_run


def test_validators_that_change_with_each_answer_count_as_none(server: PhotoServer, tmp_path: Path) -> None:
    numbers = iter(range(1000))
    server.head_lie = lambda answering: answering.answer(200, PHOTO, headers={"ETag": f'"{next(numbers)}"'})
    server.lies.extend([lambda answering: answering.answer(200, PHOTO, headers={"ETag": f'"{next(numbers)}"'})] * 20)
    fetcher = UrlFetcher(WebAddress.of(f"{server.url}/a.jpg"), "", mark=1)
    spool = FetchSpool(str(tmp_path / "spool"), LIMIT_BYTES)
    with spool.open("a", fetcher.fetch) as file:
        assert file.identity == fetcher.identity("a")
    spool.close()
