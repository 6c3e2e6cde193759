"""Rules 6 to 16 of the protocol: what becomes of a photo that is sent."""

import errno
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from gallery.running_gallery import (
    DEADLINE_S,
    PROBLEM,
    GalleryClient,
    arriving_files,
    jpeg,
    running_gallery,
    sha256_of,
    stored_files,
)

import photopipe.gallery.store.store as store_module
from photopipe.files import placing
from photopipe.gallery.access.access_file import AccessFile
from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.server.app import create_app, upload_limit_bytes
from photopipe.gallery.server.incoming_request import BodyPolicy
from photopipe.gallery.server.wsgi_server import WsgiServer
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

PICTURES = {
    "jpg": jpeg("a"),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "webp": b"RIFF\x0a\x00\x00\x00WEBPVP8 ",
    "gif": b"GIF89a" + bytes(20),
    "avif": b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avifmiafMA1B",
}
NO_PICTURES = {
    "empty": b"",
    "text": b"<html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
    "avif beyond its box": b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00avif",
    "bitmap in name only": b"BM" + b"B" * 30,
    "riff sound": b"RIFF\x0a\x00\x00\x00WAVEfmt ",
}


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / ".photopipe" / "index.sqlite") as index:
        count: int = index.execute("SELECT count(*) FROM photos").fetchone()[0]
    index.close()
    return count


def assert_nothing_was_kept(gallery: GalleryClient) -> None:
    assert (stored_files(gallery.folder), arriving_files(gallery.folder), rows(gallery.folder)) == ([], [], 0)


def test_rule_6_a_new_photo_is_stored_and_described(gallery: GalleryClient) -> None:
    answer = gallery.post(jpeg("a"), key="k1")
    url = f"{gallery.url}/photos/2025/10/IMG_0042.jpg"
    assert answer.status_code == 201
    assert answer.json() == {"id": "1", "url": url, "sha256": sha256_of(jpeg("a")), "duplicate": False}
    assert answer.headers["Location"] == url
    assert (gallery.folder / "2025/10/IMG_0042.jpg").read_bytes() == jpeg("a")
    assert arriving_files(gallery.folder) == []


def test_rule_6_key_and_hash_are_optional(gallery: GalleryClient) -> None:
    answer = gallery.session.post(f"{gallery.url}/api/photos", files={"file": ("a.jpg", jpeg("a"))}, timeout=DEADLINE_S)
    assert (answer.status_code, answer.json()["sha256"]) == (201, sha256_of(jpeg("a")))


def test_rule_7_the_same_key_again_stores_nothing(gallery: GalleryClient) -> None:
    first, second = gallery.post(jpeg("a"), key="k1"), gallery.post(jpeg("a"), key="k1")
    assert (second.status_code, second.json()) == (200, first.json() | {"duplicate": True})
    assert "Location" not in second.headers
    assert (len(stored_files(gallery.folder)), rows(gallery.folder)) == (1, 1)


def test_rule_8_the_same_bytes_under_another_key_store_nothing(gallery: GalleryClient) -> None:
    first = gallery.post(jpeg("a"), key="k1")
    second = gallery.post(jpeg("a"), key="k2", name="other.jpg", taken_at="2020-01-01T00:00:00")
    third = gallery.post(jpeg("a"))
    assert second.json() == third.json() == first.json() | {"duplicate": True}
    assert (len(stored_files(gallery.folder)), rows(gallery.folder)) == (1, 1)


def test_rule_8_the_other_key_is_remembered(gallery: GalleryClient) -> None:
    first = gallery.post(jpeg("a"), key="k1")
    gallery.post(jpeg("a"), key="k2")
    assert [photo["id"] for photo in gallery.photos(idempotency_key="k2")] == [first.json()["id"]]
    assert gallery.post(jpeg("b"), key="k2").json()["id"] == first.json()["id"]


def test_rule_9_the_same_key_with_other_bytes_is_the_first_photo(gallery: GalleryClient) -> None:
    first, second = gallery.post(jpeg("a"), key="k1"), gallery.post(jpeg("b"), key="k1")
    assert (second.status_code, second.json()) == (200, first.json() | {"duplicate": True})
    assert gallery.photos(sha256=sha256_of(jpeg("b"))) == []


def post_at_once(galleries: list[GalleryClient], count: int, keys: list[str]) -> list[requests.Response]:
    together = threading.Barrier(count)

    def send(number: int) -> requests.Response:
        base = galleries[number % len(galleries)]
        client = GalleryClient(base.url, base.folder, base.token)
        with client.session:
            together.wait(DEADLINE_S)
            return client.post(jpeg("a"), key=keys[number % len(keys)])

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(send, range(count)))


@pytest.mark.parametrize("keys", [["k"], [f"k{number}" for number in range(16)]], ids=["same key", "same bytes"])
def test_rule_10_sixteen_requests_at_once_make_one_photo(gallery: GalleryClient, keys: list[str]) -> None:
    answers = post_at_once([gallery], 16, keys)
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["url"] for answer in answers}) == 1
    assert (len(stored_files(gallery.folder)), rows(gallery.folder)) == (1, 1)
    assert arriving_files(gallery.folder) == []


@pytest.mark.parametrize("field", [sha256_of(jpeg("b")), "5891", "no hash at all"])
def test_rule_11_damaged_bytes_are_refused(gallery: GalleryClient, field: str) -> None:
    answer = gallery.post(jpeg("a"), key="k1", sha256=field)
    assert (answer.status_code, answer.json()["reason"]) == (400, "checksum_mismatch")
    assert_nothing_was_kept(gallery)


def test_rule_11_damaged_bytes_are_refused_under_a_known_key_too(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), key="k1")
    assert gallery.post(jpeg("a")[:-1], key="k1", sha256=sha256_of(jpeg("a"))).status_code == 400


def test_rule_11_the_hash_may_be_written_in_capitals(gallery: GalleryClient) -> None:
    assert gallery.post(jpeg("a"), sha256=sha256_of(jpeg("a")).upper()).status_code == 201


@pytest.mark.parametrize("form", [{"data": {"sha256": "x"}}, {"data": b"bytes"}, {"files": {"photo": ("a.jpg", b"x")}}])
def test_rule_12_a_form_without_a_file_is_refused(gallery: GalleryClient, form: dict[str, bytes]) -> None:
    answer = gallery.session.post(f"{gallery.url}/api/photos", timeout=DEADLINE_S, **form)  # type: ignore[arg-type] # a table of cases
    assert (answer.status_code, answer.json()["reason"]) == (400, "file_missing")


@pytest.mark.parametrize(
    "taken_at",
    [
        "2025-10-03T12:33:10",
        "2025-10-03T12:33:10.5",
        "2025-10-03T12:33:10.123456789+05:45",
        "2025-10-03T12:33:10Z",
        "2025-10-03T23:59:59-11:00",
    ],
)
def test_rule_13_a_right_taken_at_is_kept_as_it_is(gallery: GalleryClient, taken_at: str) -> None:
    assert gallery.post(jpeg("a"), taken_at=taken_at).status_code == 201
    assert gallery.photos()[0]["taken_at"] == taken_at
    assert stored_files(gallery.folder) == ["2025/10/IMG_0042.jpg"]


@pytest.mark.parametrize(
    "taken_at",
    [
        "yesterday",
        "2025-10-03",
        "2025-10-03 12:33:10",
        "2025:10:03 12:33:10",
        "2025-02-30T12:33:10",
        "0000-01-01T00:00:00",
        "2025-10-03T25:00:00",
        "2025-10-03T12:33:10+99:00",
        "2025-10-03T12:33:10\n",
        "٢٠٢٥-10-03T12:33:10",
        "../../../../etc",
    ],
)
def test_rule_13_a_wrong_taken_at_is_refused(gallery: GalleryClient, taken_at: str) -> None:
    answer = gallery.post(jpeg("a"), taken_at=taken_at)
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad_taken_at")
    assert_nothing_was_kept(gallery)


def test_rule_13_a_modified_at_without_a_zone_is_refused(gallery: GalleryClient) -> None:
    answer = gallery.post(jpeg("a"), modified_at="2025-10-03T12:33:10")
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad_modified_at")


@pytest.mark.parametrize(("key", "status"), [("~" * 200, 201), ("x" * 201, 400), ("two words", 400), ("", 400)])
def test_rule_13_keys_are_200_visible_characters_at_most(gallery: GalleryClient, key: str, status: int) -> None:
    assert gallery.post(jpeg("a"), key=key).status_code == status


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[GalleryClient]:
    """A gallery like any other, but for photos up to 10,000 bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with PhotoStore(str(tmp_path), max_photo_bytes=10_000) as store, Thumbnails(str(tmp_path)) as thumbnails:
        events = EventStream(store.folder)
        access = AccessPolicy(OwnSite(), AccessFile(str(tmp_path)), is_local=True)
        app = create_app(store, thumbnails, events, access=access, public_url=url)
        server = WsgiServer(app, listener, events, BodyPolicy(access, upload_limit_bytes(store)))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            client = GalleryClient(url, tmp_path)
            with client.session:
                yield client
        finally:
            server.stop()
            thread.join(DEADLINE_S)
            server.close()


@pytest.mark.parametrize(("size", "status"), [(10_000, 201), (10_001, 413), (2_000_000, 413)])
def test_rule_14_a_photo_over_the_limit_is_refused(tight: GalleryClient, size: int, status: int) -> None:
    answer = tight.post(jpeg("a").ljust(size, b"."))
    assert answer.status_code == status
    if status == 413:
        assert (answer.json().keys(), answer.json()["reason"]) == (PROBLEM, "too_large")
        assert_nothing_was_kept(tight)


def test_rule_14_the_limit_is_200_megabytes() -> None:
    assert store_module.MAX_PHOTO_BYTES == 200_000_000


def test_rule_14_a_huge_photo_is_refused_before_it_is_read(gallery: GalleryClient) -> None:
    parts = urlsplit(gallery.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S) as connection:
        connection.sendall(
            f"POST /api/photos HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 9{'0' * 12}\r\n\r\n".encode()
        )
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"Content-Type: application/problem+json" in answer


@pytest.mark.parametrize("extension", PICTURES)
def test_rule_15_every_picture_a_browser_shows_is_kept(gallery: GalleryClient, extension: str) -> None:
    assert gallery.post(PICTURES[extension], name="picture").status_code == 201
    assert stored_files(gallery.folder) == [f"2025/10/picture.{extension}"]


ORIGINALS = {
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "tif": b"II*\x00\x08\x00\x00\x00",
    "cr3": b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom",
    "raf": b"FUJIFILMCCD-RAW 0201",
    "jxl": b"\xff\x0a\x00\x00",
}


@pytest.mark.parametrize("extension", ORIGINALS)
def test_rule_15_an_original_is_kept_though_no_browser_shows_it(gallery: GalleryClient, extension: str) -> None:
    assert gallery.post(ORIGINALS[extension], name="picture").status_code == 201
    assert stored_files(gallery.folder) == [f"2025/10/picture.{extension}"]


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_rule_15_anything_else_is_refused_whatever_it_is_called(gallery: GalleryClient, kind: str) -> None:
    answer = gallery.post(NO_PICTURES[kind], name="IMG_0042.jpg")
    assert (answer.status_code, answer.json()["reason"]) == (415, "not_a_picture")
    assert_nothing_was_kept(gallery)


def no_room(*_arguments: object, **_named: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def index_full(*_arguments: object) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("PRAGMA max_page_count=2")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("module", "name", "failure"),
    [
        (os, "fsync", no_room),
        (os, "link", no_room),
        (placing, "sync_folder", no_room),
        (store_module, "insert_photo", index_full),
        (store_module, "remember_key", no_room),
    ],
    ids=["fsync", "link", "folder", "index", "key"],
)
def test_rule_16_a_full_disk_leaves_nothing_behind(
    gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch, module: object, name: str, failure: object
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, name, failure)
        answer = gallery.post(jpeg("a"), key="k1")
    assert (answer.status_code, answer.json()["reason"]) == (507, "disk_full")
    assert_nothing_was_kept(gallery)
    assert gallery.photos(idempotency_key="k1") == []
    assert gallery.post(jpeg("a"), key="k1").status_code == 201


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    mounted = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True)
    if not mounted or mounted.returncode:
        pytest.skip("only root can mount a small disk; the tests above fill it by pretending")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_rule_16_a_really_full_disk_is_said_and_mends(small_disk: Path) -> None:
    with running_gallery(small_disk / "gallery") as gallery:
        (small_disk / "filler").write_bytes(bytes(500_000))
        answer = gallery.post(jpeg("a").ljust(800_000, b"."))
        assert (answer.status_code, answer.json()["reason"]) == (507, "disk_full")
        assert_nothing_was_kept(gallery)
        (small_disk / "filler").unlink()
        assert gallery.post(jpeg("a").ljust(800_000, b".")).status_code == 201


def test_another_trouble_with_the_folder_is_said_in_json(
    gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", broken)
        answer = gallery.post(jpeg("a"))
    assert (answer.status_code, answer.json()["reason"]) == (500, "folder_unusable")
    assert "Input/output error" in answer.json()["detail"]
    assert_nothing_was_kept(gallery)


def test_a_busy_index_is_answered_503(gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photopipe.gallery.index.index.BUSY_TIMEOUT_S", 0.0)
    other = sqlite3.connect(gallery.folder / ".photopipe" / "index.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = gallery.post(jpeg("a"))
    finally:
        other.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert_nothing_was_kept(gallery)
