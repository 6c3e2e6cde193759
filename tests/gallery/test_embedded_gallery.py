"""The gallery a run starts for itself: it comes up when needed and goes whenever the run does."""

import os
import select
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, stored_files

from photopipe.errors import GalleryBroken, RunStopped
from photopipe.gallery import embedded
from photopipe.gallery.embedded import EmbeddedGallery
from photopipe.stop_token import StopToken

PARENT_THAT_DIES = """
import os, sys
from photopipe.gallery.embedded import EmbeddedGallery
gallery = EmbeddedGallery(sys.argv[1])
print(gallery.start(), gallery.token, flush=True)
sys.stdin.read()
os.kill(os.getpid(), 9)
"""


def refuses_connections(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_takes_photos_and_ends_with_its_block(tmp_path: Path) -> None:
    with EmbeddedGallery(str(tmp_path)) as gallery:
        assert gallery.start() == gallery.url
        client = GalleryClient(gallery.url, tmp_path, gallery.token)
        with client.session:
            answer = client.post(jpeg("a"))
        assert answer.json()["url"] == (tmp_path / "2025/10/IMG_0042.jpg").as_uri()
        url = gallery.url
    assert refuses_connections(url)
    assert stored_files(tmp_path) == ["2025/10/IMG_0042.jpg"]


def test_it_needs_its_token(tmp_path: Path) -> None:
    with EmbeddedGallery(str(tmp_path)) as gallery:
        assert requests.get(f"{gallery.start()}/api/photos", timeout=DEADLINE_S).status_code == 401


def test_threads_that_start_it_together_start_one(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    with EmbeddedGallery(str(tmp_path)) as gallery, ThreadPoolExecutor(8) as threads:

        def start(_: int) -> str:
            together.wait(DEADLINE_S)
            return gallery.start()

        assert len(set(threads.map(start, range(8)))) == 1


def test_one_that_is_never_started_costs_nothing(tmp_path: Path) -> None:
    with EmbeddedGallery(str(tmp_path / "gallery")) as gallery:
        assert len(gallery.token) >= 32
        with pytest.raises(GalleryBroken, match="not been started"):
            _ = gallery.url
    assert not (tmp_path / "gallery").exists()


def test_one_that_is_closed_stays_closed(tmp_path: Path) -> None:
    gallery = EmbeddedGallery(str(tmp_path))
    gallery.start()
    gallery.close()
    gallery.close()
    with pytest.raises(GalleryBroken, match="closed"):
        gallery.start()


def test_a_folder_that_cannot_be_is_said_to_every_thread(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with EmbeddedGallery(str(tmp_path / "file" / "gallery")) as gallery:
        for _ in range(2):
            with pytest.raises(GalleryBroken, match=r"file/gallery cannot be used: .*--gallery-dir"):
                gallery.start()


def test_one_that_falls_over_is_said_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "import sys; sys.exit('no module named flask')"]
    monkeypatch.setattr(embedded, "child_command", lambda _folder: program)
    with EmbeddedGallery(str(tmp_path)) as gallery, pytest.raises(GalleryBroken, match="no module named flask"):
        gallery.start()


def test_one_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    monkeypatch.setattr(embedded, "child_command", lambda _folder: program)
    monkeypatch.setattr(embedded, "START_LIMIT_S", 0.2)
    with EmbeddedGallery(str(tmp_path)) as gallery, pytest.raises(GalleryBroken, match="no answer"):
        gallery.start()


def test_a_stopped_run_does_not_wait_until_it_has_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    monkeypatch.setattr(embedded, "child_command", lambda _folder: program)
    stop, waiting = StopToken(), threading.Event()
    first_line = embedded._first_line

    def noted(*arguments: Any) -> bytes | None:
        waiting.set()
        return first_line(*arguments)

    monkeypatch.setattr(embedded, "_first_line", noted)
    with EmbeddedGallery(str(tmp_path)) as gallery, ThreadPoolExecutor(2) as threads:
        starts = [threads.submit(gallery.start, stop) for _ in range(2)]
        assert waiting.wait(DEADLINE_S)
        stop.set()
        for start in starts:
            assert isinstance(start.exception(DEADLINE_S), RunStopped)


def test_one_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", 'import threading; print(\'{"url": "x"}\', flush=True); threading.Event().wait()']
    monkeypatch.setattr(embedded, "child_command", lambda _folder: program)
    monkeypatch.setattr(embedded, "END_LIMIT_S", 0.1)
    with EmbeddedGallery(str(tmp_path)) as gallery:
        gallery.start()


def test_a_parent_that_is_killed_takes_it_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT_THAT_DIES, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        assert select.select([parent.stdout], [], [], DEADLINE_S)[0]
        url, token = parent.stdout.readline().decode().split()
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S) as connection:
            with requests.Session() as session:
                assert session.get(f"{url}/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
            parent.stdin.close()
            assert parent.wait(DEADLINE_S) == -9
            assert connection.recv(1) == b""  # waits until the gallery has closed its end
    assert refuses_connections(url)


def test_it_inherits_no_stray_files(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        with EmbeddedGallery(str(tmp_path)) as gallery:
            gallery.start()
            os.close(writer)
            writer = -1
            assert select.select([reader], [], [], DEADLINE_S)[0]
            assert os.read(reader, 1) == b""  # nobody else has the other end
    finally:
        os.close(reader)
        if writer >= 0:
            os.close(writer)


def test_modules_in_the_working_directory_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flask.py").write_text("raise SystemExit('the card was run')")
    monkeypatch.chdir(tmp_path)
    with EmbeddedGallery(str(tmp_path / "gallery")) as gallery:
        gallery.start()


def test_the_parent_does_not_load_the_web_framework() -> None:
    program = (
        "import sys, photopipe.gallery.embedded, photopipe.gallery.store.identity; sys.exit('flask' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=DEADLINE_S)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_is_in_a_session_of_its_own(tmp_path: Path) -> None:
    before = children()  # servers of other tests, perhaps
    with EmbeddedGallery(str(tmp_path)) as gallery:
        gallery.start()
        sessions = {os.getsid(child) for child in children() - before}
    assert os.getsid(0) not in sessions
    assert sessions


def children() -> set[int]:
    """The processes that the main thread has started and not yet waited for."""
    return set(map(int, Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()))
