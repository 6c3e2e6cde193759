"""A card that cannot be read while an original is sent is the photo's failure, and never the gallery's."""

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support import fake_immich, fake_piwigo
from support.command import Home
from support.fake_immich import FakeImmich
from support.fake_piwigo import FakePiwigo
from support.fake_s3 import FakeS3
from support.fake_webdav import FakeWebdav
from support.fault_gallery import FaultGallery
from support.pictures import make_jpeg
from support.uploading import Time, make_photo, open_client, original_photo

from photopipe.errors import DownloadError
from photopipe.found_photo import FoundPhoto

GOOD_BYTES = 64 * 1024


class BadCard(io.BytesIO):
    """A file that cannot be read beyond its first 64 KiB."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or self.tell() + size > GOOD_BYTES:
            raise OSError(5, "Input/output error")
        return super().read(size)


def s3_settings(service: FakeS3) -> dict[str, Any]:
    return {"url": "s3://photos", "kind": "s3", "username": "I", "token": "S", "options": {"endpoint": service.site}}


GALLERIES: list[tuple[Callable[[], AbstractContextManager[Any]], Callable[[Any], dict[str, Any]]]] = [
    (FaultGallery, lambda gallery: {"url": gallery.url}),
    (FakeWebdav, lambda gallery: {"url": gallery.url, "kind": "webdav"}),
    (FakeImmich, lambda gallery: {"url": gallery.site, "kind": "immich", "token": fake_immich.KEY}),
    (FakePiwigo, lambda gallery: {"url": gallery.url, "kind": "piwigo", "token": fake_piwigo.KEY}),
    (FakeS3, s3_settings),
]


def break_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_broken(_found: FoundPhoto) -> BinaryIO:
        return BadCard(bytes(range(256)) * 4000)

    monkeypatch.setattr(FoundPhoto, "open", open_broken)
    monkeypatch.setattr(FoundPhoto, "check_unchanged", lambda *_: None)


@pytest.mark.parametrize(("make_gallery", "settings_of"), GALLERIES, ids=["form", "webdav", "immich", "piwigo", "s3"])
def test_an_unreadable_original_fails_alone_and_the_next_photo_arrives(
    make_gallery: Callable[[], AbstractContextManager[Any]],
    settings_of: Callable[[Any], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    photo, time = original_photo(tmp_path / "IMG_1.JPG"), Time()
    break_card(monkeypatch)
    with make_gallery() as gallery, open_client(time=time, **settings_of(gallery)) as client:
        with pytest.raises(DownloadError, match=r"cannot be read: Input/output error\. Check"):
            client.upload(photo, "key", time)
        assert client.upload(make_photo(), "another", time).receipt.already_there is False
    assert time.waits == []


def test_an_unreadable_original_fails_alone_on_its_way_into_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    photo, time = original_photo(tmp_path / "IMG_1.JPG"), Time()
    (tmp_path / "site").mkdir()
    break_card(monkeypatch)
    with open_client(f"folder://{tmp_path / 'site'}", time, kind="folder") as client:
        with pytest.raises(DownloadError, match=r"cannot be read: Input/output error\. Check"):
            client.upload(photo, "key", time)
        client.upload(make_photo(), "another", time)
    assert [path.name for path in (tmp_path / "site").iterdir() if path.is_file()] == ["IMG_0001.jpg"]


BREAKING_RUN = """
import sys, threading
from photopipe.cli.commands import run
from photopipe.found_photo import FoundPhoto
real_open = FoundPhoto.open
class BadCard:
    def __init__(self, file): self.file = file
    def __getattr__(self, name): return getattr(self.file, name)
    def __enter__(self): return self
    def __exit__(self, *_): self.file.close()
    def read(self, *_): raise OSError(5, "Input/output error")
def open_broken(found):
    file = real_open(found)
    return BadCard(file) if threading.current_thread().name.startswith("upload") and found.name == "IMG_1.JPG" else file
FoundPhoto.open = open_broken
sys.exit(run(sys.argv[1:]))
"""


def test_a_run_over_a_bad_card_uploads_the_other_originals(tmp_path: Path) -> None:
    home, card = Home(tmp_path / "home"), tmp_path / "card"
    card.mkdir()
    for number in range(3):
        make_jpeg(card / f"IMG_{number}.JPG", seed=number)
    with FaultGallery() as gallery:
        arguments = ["process", str(card), "--to", gallery.url, "--original", "instead"]
        run = subprocess.run(
            [sys.executable, "-c", BREAKING_RUN, *arguments],
            env=home.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.returncode == 3, run.stderr
    assert "IMG_1.JPG: cannot be read: Input/output error" in run.stderr
    assert len(gallery.stored) == 2
