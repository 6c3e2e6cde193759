"""Rules 10 and 17 of the protocol: galleries that are killed, and several on one folder."""

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from gallery.filling import picture
from gallery.running_gallery import (
    DEADLINE_S,
    GalleryClient,
    arriving_files,
    jpeg,
    running_gallery,
    sha256_of,
    stored_files,
)

from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.maintenance.verify import verify
from photopipe.gallery.store.store import PhotoStore

DIES_AT = {
    "before the bytes are synced": "os.fsync = lambda fd: '.part-' not in os.readlink(f'/dev/fd/{fd}') or die()",
    "before the file has its name": "os.link = die",
    "when the file has its name": "os.link = then_die(os.link)",
    "before the folder is synced": (
        "sync = placing.sync_folder; "
        "placing.sync_folder = lambda path: die() if os.path.exists(path + '/IMG_0042.jpg') else sync(path)"
    ),
    "before the row is written": "store.insert_photo = die",
    "when the row is written": "store.insert_photo = then_die(store.insert_photo)",
    "before the commit": "store.remember_key = then_die(store.remember_key)",
    "after the commit": "store.PhotoStore.add = then_die(store.PhotoStore.add)",
}
"""When a gallery dies -> the line of Python that makes it."""

GALLERY_THAT_DIES = """
import os, sys
from photopipe.files import placing
from photopipe.gallery.store import store
from photopipe.gallery.__main__ import main

def die(*_arguments, **_named):
    os.kill(os.getpid(), 9)

def then_die(function):
    def both(*arguments, **named):
        function(*arguments, **named)
        die()
    return both

{fault}
sys.exit(main())
"""


@contextmanager
def child_gallery(folder: Path, fault: str = "") -> Iterator[tuple[GalleryClient, "subprocess.Popen[bytes]"]]:
    """A gallery in a process of its own, which may die as it is told."""
    program = GALLERY_THAT_DIES.format(fault=fault)
    with subprocess.Popen(
        [sys.executable, "-c", program, "--folder", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdin
        assert child.stdout
        try:
            child.stdin.write(b"s3cret\n")
            assert select.select([child.stdout], [], [], DEADLINE_S)[0]
            client = GalleryClient(json.loads(child.stdout.readline())["url"], folder, "s3cret")
            with client.session:
                yield client, child
        finally:
            child.stdin.close()
            try:
                child.wait(DEADLINE_S)
            finally:
                child.kill()


def waits_before_naming(reached: Path, proceed: Path) -> str:
    """A fault: open one pipe when the bytes are there, and go on when the other is opened."""
    steps = f"open({str(reached)!r}, 'w').close(), open({str(proceed)!r}).close(), link(*paths)"
    return f"link = os.link; os.link = lambda *paths: ({steps})"


def assert_one_photo(folder: Path) -> None:
    with closing(sqlite3.connect(folder / ".photopipe" / "index.sqlite")) as index:
        assert index.execute("SELECT count(*) FROM photos").fetchone() == (1,)
        assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert stored_files(folder) == ["2025/10/IMG_0042.jpg"]
    assert (folder / "2025/10/IMG_0042.jpg").read_bytes() == jpeg("a")
    assert arriving_files(folder) == []


ALWAYS = {"when the file has its name", "before the commit", "after the commit"}
"""The other moments are left to `pytest -m campaign`."""


@pytest.mark.parametrize(
    "moment", [one if one in ALWAYS else pytest.param(one, marks=pytest.mark.campaign) for one in DIES_AT]
)
def test_rule_17_a_photo_sent_again_after_a_kill_is_there_once(tmp_path: Path, moment: str) -> None:
    with child_gallery(tmp_path, DIES_AT[moment]) as (dying, child):
        with pytest.raises(requests.ConnectionError):
            dying.post(jpeg("a"), key="k1")
        assert child.wait(DEADLINE_S) == -signal.SIGKILL
    with running_gallery(tmp_path) as successor:
        committed = moment == "after the commit"
        assert len(successor.photos(idempotency_key="k1", sha256=sha256_of(jpeg("a")))) == int(committed)
        again = successor.post(jpeg("a"), key="k1")
        assert (again.status_code, again.json()["duplicate"]) == ((200, True) if committed else (201, False))
        assert len(successor.photos(idempotency_key="k1")) == 1
    assert_one_photo(tmp_path)


def test_rule_17_photos_sent_again_after_a_kill_in_the_middle_are_there_once(tmp_path: Path) -> None:
    contents = [str(number) for number in range(40)]

    def send(client: GalleryClient, content: str) -> int | None:
        mine = GalleryClient(client.url, client.folder, client.token)
        with mine.session:
            try:
                return mine.post(jpeg(content), key=content, name=f"{content}.jpg").status_code
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):  # no answer, or half of one
                return None

    with child_gallery(tmp_path) as (client, child), ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda content: send(client, content), contents)
        assert next(answers) == 201
        child.kill()
        confirmed = [content for content, status in zip(contents[1:], answers, strict=True) if status]
    with running_gallery(tmp_path) as successor:
        for content in confirmed:
            assert len(successor.photos(idempotency_key=content)) == 1
        for content in contents:
            assert send(successor, content) in (200, 201)
        assert len(successor.photos()) == len(contents)
    assert stored_files(tmp_path) == sorted(f"2025/10/{content}.jpg" for content in contents)
    assert arriving_files(tmp_path) == []


def test_rule_10_two_gallery_processes_on_one_folder_make_one_photo(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def send(base: GalleryClient) -> requests.Response:
        client = GalleryClient(base.url, base.folder, base.token)
        with client.session:
            together.wait(DEADLINE_S)
            return client.post(jpeg("a"), key="k1")

    with child_gallery(tmp_path) as (one, _), child_gallery(tmp_path) as (other, _), ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, [one, other] * 4))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["id"] for answer in answers}) == 1
    assert_one_photo(tmp_path)


def test_rule_10_two_gallery_processes_take_different_renditions_of_one_source(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def send(work: tuple[GalleryClient, int]) -> int:
        base, width_px = work
        client = GalleryClient(base.url, base.folder, base.token)
        with client.session:
            together.wait(DEADLINE_S)
            return client.post(picture(width_px), key=str(width_px), source_sha256="0" * 64).status_code

    with child_gallery(tmp_path) as (one, _), child_gallery(tmp_path) as (other, _), ThreadPoolExecutor(8) as threads:
        widths_px = [60, 800, 120, 400, 90, 600, 300, 200]
        assert list(threads.map(send, zip([one, other] * 4, widths_px, strict=True))) == [201] * 8
    with PhotoStore(str(tmp_path)) as store:
        ((tile,), _) = store.tiles(PhotoFilter(), 10)
        assert tile.photo.width_px == 800
        assert [photo.width_px for photo in tile.renditions] == sorted(widths_px)
    assert list(verify(str(tmp_path))) == []


def test_a_successor_leaves_alone_what_its_predecessor_is_still_receiving(tmp_path: Path) -> None:
    reached, proceed = tmp_path / "reached", tmp_path / "proceed"
    os.mkfifo(reached)
    os.mkfifo(proceed)
    waits = waits_before_naming(reached, proceed)
    folder = tmp_path / "gallery"
    with child_gallery(folder, waits) as (predecessor, _), ThreadPoolExecutor(1) as thread:
        answer = thread.submit(predecessor.post, jpeg("a"), "k1")
        reached.read_bytes()  # it has received the bytes now
        with running_gallery(folder):
            assert len(arriving_files(folder)) == 1
        proceed.write_bytes(b"")
        assert answer.result(DEADLINE_S).status_code == 201
    assert_one_photo(folder)


def test_the_child_finishes_a_request_in_progress_before_it_ends(tmp_path: Path) -> None:
    reached, proceed = tmp_path / "reached", tmp_path / "proceed"
    os.mkfifo(reached)
    os.mkfifo(proceed)
    waits = waits_before_naming(reached, proceed)
    folder = tmp_path / "gallery"
    with child_gallery(folder, waits) as (client, child), ThreadPoolExecutor(1) as thread:
        answer = thread.submit(client.post, jpeg("a"), "k1")
        reached.read_bytes()
        assert child.stdin
        child.stdin.close()  # what the end of the parent looks like
        proceed.write_bytes(b"")
        assert answer.result(DEADLINE_S).status_code == 201
        assert child.wait(DEADLINE_S) == 0
    assert_one_photo(folder)


def accepts_connections(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=DEADLINE_S).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return False
    return True


def test_the_child_takes_the_rest_of_a_photo_that_is_half_sent_when_it_ends(tmp_path: Path) -> None:
    request = requests.Request(
        "POST",
        "http://127.0.0.1/api/photos",
        files={"file": ("IMG_0042.jpg", jpeg("a"))},
        data={"taken_at": "2025-10-03T12:33:10"},
        headers={"Authorization": "Bearer s3cret"},
    ).prepare()
    assert isinstance(request.body, bytes)
    with child_gallery(tmp_path) as (client, child):
        parts = urlsplit(client.url)
        address = (str(parts.hostname), int(parts.port or 0))
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        with socket.create_connection(address, timeout=DEADLINE_S) as connection:
            connection.sendall(f"POST /api/photos HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}\r\n".encode())
            connection.sendall(request.body[:100])
            assert client.get("/api/health").status_code == 200  # what was sent before has been read by now
            assert child.stdin
            child.stdin.close()
            deadline = time.monotonic() + DEADLINE_S
            while accepts_connections(address):
                assert time.monotonic() < deadline
            connection.sendall(request.body[100:])
            assert connection.recv(100).startswith(b"HTTP/1.1 201")
        assert child.wait(DEADLINE_S) == 0
    assert_one_photo(tmp_path)


def test_the_terminals_signals_do_not_end_the_child(tmp_path: Path) -> None:
    with child_gallery(tmp_path) as (client, child):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child.send_signal(number)
        assert client.post(jpeg("a")).status_code == 201
