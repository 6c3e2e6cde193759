"""A folder as a gallery: whole files only, none written over, the truth about a folder that is not there."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.deadline import within_deadline
from support.uploading import Time, make_photo, open_client

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.source import FolderPage
from photopipe.errors import (
    DiskFull,
    DownloadError,
    GalleryRefused,
    GalleryUnreachable,
    LineError,
    PhotoChanged,
    RunStopped,
    TooLargeForGallery,
    UsageError,
)
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, Receipt, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.remote_name import short_key
from photopipe.upload.uploader import Uploader

SECOND = f"IMG_0001-{short_key('key')}.jpg"


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@contextmanager
def client_of(gallery: Path, time: Time | None = None, **options: str) -> Iterator[UploadClient]:
    with open_client(f"folder://{gallery}", time or Time(), kind="folder", options=options) as client:
        yield client


def upload(gallery: Path, photo: ResizedPhoto, key: str = "key", album: str | None = None, **options: str) -> Receipt:
    time = Time()
    with client_of(gallery, time, **options) as client:
        return within_deadline(lambda: client.upload(photo, key, time, album=album)).receipt


def find(gallery: Path, photo: ResizedPhoto, key: str = "key") -> Receipt | None:
    time = Time()
    with client_of(gallery, time) as client:
        return within_deadline(lambda: client.find(photo, key, time))


def files_in(gallery: Path) -> dict[str, bytes]:
    files = [path for path in gallery.rglob("*") if path.is_file()]
    return {path.relative_to(gallery).as_posix(): path.read_bytes() for path in files}


def original(path: Path, data: bytes) -> ResizedPhoto:
    path.write_bytes(data)
    found = FoundPhoto.from_stat(str(path), path.stat())
    return replace(make_photo(data), source=DownloadedPhoto(found, "5" * 64), data=None)


def test_a_photo_arrives_in_folders_made_for_it(gallery: Path) -> None:
    photo = make_photo(b"x" * 200_000, file_name="Ä 1.jpg", taken_at="2024-05-01T12:00:00+02:00")
    receipt = upload(gallery, photo, album="Trip/../../out", path="{taken_at:%Y}/{file_name}")
    assert files_in(gallery) == {"Trip/out/2024/Ä 1.jpg": photo.data}
    assert receipt == Receipt("Trip/out/2024/Ä 1.jpg", (gallery / "Trip/out/2024/Ä 1.jpg").as_uri())
    assert (gallery / "Trip/out/2024/Ä 1.jpg").stat().st_nlink == 1


def test_the_same_photo_again_is_already_there(gallery: Path) -> None:
    first, again = upload(gallery, make_photo()), upload(gallery, make_photo())
    assert (again.url, first.already_there, again.already_there) == (first.url, False, True)
    assert list(files_in(gallery)) == ["IMG_0001.jpg"]


def test_another_photo_of_the_same_name_gets_a_second_one_and_no_third(gallery: Path) -> None:
    other = b"another"
    upload(gallery, make_photo(other), "other")
    receipt = upload(gallery, make_photo())
    assert files_in(gallery) == {"IMG_0001.jpg": other, SECOND: b"picture"}
    assert (receipt.remote_id, receipt.already_there) == (SECOND, False)
    assert find(gallery, make_photo()) == receipt
    assert upload(gallery, make_photo()).already_there
    with pytest.raises(GalleryRefused, match="both names"):
        upload(gallery, make_photo(b"made anew"))
    assert files_in(gallery) == {"IMG_0001.jpg": other, SECOND: b"picture"}


@pytest.mark.parametrize("there", [b"", b"pic", b"picturE", b"picture and more"])
def test_find_accepts_only_exactly_these_bytes(gallery: Path, there: bytes) -> None:
    (gallery / "IMG_0001.jpg").write_bytes(there)
    assert find(gallery, make_photo()) is None


def test_a_link_or_a_folder_with_the_name_is_not_the_photo(gallery: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.jpg").write_bytes(b"picture")
    (gallery / "IMG_0001.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    (gallery / SECOND).mkdir()
    assert find(gallery, make_photo()) is None
    with pytest.raises(GalleryRefused, match="both names"):
        upload(gallery, make_photo())
    assert (tmp_path / "elsewhere.jpg").read_bytes() == b"picture"


def test_an_original_is_copied_from_its_file(gallery: Path, tmp_path: Path) -> None:
    upload(gallery, original(tmp_path / "a.jpg", b"y" * 300_000))
    assert files_in(gallery) == {"IMG_0001.jpg": b"y" * 300_000}


def test_an_original_that_changed_leaves_nothing(gallery: Path, tmp_path: Path) -> None:
    photo = original(tmp_path / "a.jpg", b"y" * 300_000)
    (tmp_path / "a.jpg").write_bytes(b"z" * 300_001)
    with pytest.raises(PhotoChanged):
        upload(gallery, photo)
    assert files_in(gallery) == {}


def test_a_source_that_cannot_be_read_is_not_blamed_on_the_gallery(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def __enter__(self) -> "Broken":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(ResizedPhoto, "open", lambda _self: Broken())
    with pytest.raises(DownloadError, match="card or disk"):
        upload(gallery, make_photo())
    assert files_in(gallery) == {}


def test_a_missing_folder_is_an_unmounted_disk_and_never_made(gallery: Path) -> None:
    gallery.rmdir()
    for ask in (upload, find):
        with pytest.raises(GalleryUnreachable, match="mounted"):
            ask(gallery, make_photo())
    with client_of(gallery) as client, pytest.raises(GalleryUnreachable, match="mounted"):
        client.check(Time())
    assert not gallery.exists()


def test_a_folder_that_goes_away_half_way_is_not_made_again(gallery: Path) -> None:
    time = Time()
    with client_of(gallery, time) as client:
        client.upload(make_photo(), "key", time)
        shutil.rmtree(gallery)
        with pytest.raises(GalleryUnreachable, match="mounted"):
            client.upload(make_photo(b"next"), "next", time)
    assert not gallery.exists()


def test_nothing_is_written_below_a_mount_point_without_its_mount(gallery: Path) -> None:
    with pytest.raises(GalleryUnreachable, match="mounted"):
        upload(gallery, make_photo(), mount=str(gallery))
    assert list(gallery.iterdir()) == []
    assert upload(gallery, make_photo(), mount="/").url


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, LineError),
        (errno.EROFS, LineError),
        (errno.EFBIG, TooLargeForGallery),
        (errno.EINVAL, GalleryRefused),
    ],
)
def test_what_the_system_says_becomes_an_error_with_advice(
    gallery: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    def fail(*_: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("photopipe.files.placing.os.write", fail)
    with pytest.raises(error) as raised:
        upload(gallery, make_photo())
    assert str(raised.value).endswith(".")
    monkeypatch.undo()
    assert files_in(gallery) == {}


def test_a_share_with_a_passing_fault_is_tried_again(gallery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures, sync = [errno.EIO, errno.ESTALE], os.fsync

    def hiccup(descriptor: int) -> None:
        if failures:
            code = failures.pop()
            raise OSError(code, os.strerror(code))
        sync(descriptor)

    with client_of(gallery, time := Time()) as client:
        client.upload(make_photo(b"first"), "first", time)
        monkeypatch.setattr("photopipe.files.placing.os.fsync", hiccup)
        client.upload(make_photo(), "key", time)
    assert (len(time.waits), failures) == (2, [])
    assert sorted(files_in(gallery).values()) == [b"first", b"picture"]


@pytest.mark.parametrize("can_rename", [True, False])
def test_without_hard_links_nothing_is_overwritten(
    gallery: Path, monkeypatch: pytest.MonkeyPatch, can_rename: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("photopipe.files.placing.os.link", refuse)
    if not can_rename:
        monkeypatch.setattr("photopipe.files.placing.rename_new", lambda *_: False)
    upload(gallery, make_photo(b"another"), "other")
    upload(gallery, make_photo())
    assert files_in(gallery) == {"IMG_0001.jpg": b"another", SECOND: b"picture"}


def test_files_and_their_folders_are_on_the_disk_before_it_is_said(
    gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, sync = [], os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    monkeypatch.setattr("photopipe.files.placing.os.fsync", note)
    upload(gallery, make_photo(), path="a/b/{file_name}")
    assert synced[:1] == ["site"], "of the marker"
    assert [name.partition(".part-")[0] for name in synced[1:]] == ["site", "a", ".IMG_0001.jpg", "b"]


def test_what_a_killed_run_left_is_removed(gallery: Path) -> None:
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITE_HALF, str(gallery / "IMG_0001.jpg")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writing.stdout is not None
        assert writing.stdout.readline() == "half\n"
        upload(gallery, make_photo(b"meanwhile"), "other")
        assert any(".part-" in name for name in files_in(gallery)), "somebody is still writing it"
    finally:
        os.kill(writing.pid, signal.SIGKILL)
        writing.communicate(timeout=10)
    (gallery / ".notes.part-1").write_bytes(b"mine")
    upload(gallery, make_photo())
    assert set(files_in(gallery)) == {"IMG_0001.jpg", SECOND, ".notes.part-1"}


WRITE_HALF = """
import signal, sys
from photopipe.files.placing import TemporaryFile
with TemporaryFile.open(sys.argv[1]) as file:
    file.write(b"half")
    print("half", flush=True)
    signal.pause()
"""


def test_the_gallery_is_left_alone_when_it_lies_in_a_source(gallery: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"x")
    upload(gallery, make_photo())
    pages = [page for page in FolderSource(str(tmp_path)).find() if isinstance(page, FolderPage)]
    assert [photo.name for page in pages for photo in page.photos] == ["mine.jpg"]


def test_a_file_shows_when_the_photo_was_taken_if_asked_to(gallery: Path) -> None:
    photo = make_photo(taken_at="2024-05-01T12:00:00+02:00")
    upload(gallery, photo, mtime="taken")
    assert (gallery / "IMG_0001.jpg").stat().st_mtime == 1714557600
    upload(gallery, make_photo(b"now", taken_at="2024-05-01T12:00:00+02:00"), "other")
    assert max(path.stat().st_mtime for path in gallery.glob("*.jpg")) > 1714557600


def test_people_are_told_the_public_address(gallery: Path) -> None:
    receipt = upload(gallery, make_photo(file_name="a b.jpg"), public_url="https://photos.example/site/")
    assert receipt.url == "https://photos.example/site/a%20b.jpg"


def test_check_says_how_much_room_there_is(gallery: Path) -> None:
    with client_of(gallery) as client:
        assert f"the folder {gallery}, with " in client.check(Time()).summary
    assert list(gallery.iterdir()) == []


@pytest.mark.parametrize("options", [{"mtime": "then"}, {"path": "{nothing}"}, {"path": " "}, {"paht": "x"}])
def test_a_wrong_option_is_refused(gallery: Path, options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        upload(gallery, make_photo(), **options)


def test_a_stopped_run_leaves_nothing_half_written(gallery: Path) -> None:
    class Stop(Time):
        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 4

    with client_of(gallery) as client, pytest.raises(RunStopped):
        client.upload(make_photo(b"x" * 8_000_000), "key", Stop())
    assert files_in(gallery) == {}


def test_many_workers_with_one_name_lose_and_double_nothing(gallery: Path) -> None:
    uploader = Uploader(UploadSettings(f"folder://{gallery}", kind="folder", options={"path": "a/b/{file_name}"}))
    receipts: list[Receipt] = []

    def work(worker: int) -> None:
        with uploader.open_client() as client:
            for number in range(10):
                photo = make_photo(f"{worker}/{number}".encode())
                receipts.append(client.upload(photo, f"key-{worker}-{number}", StopToken()).receipt)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        within_deadline(thread.join)
    files = files_in(gallery)
    assert sorted(files.values()) == sorted(
        f"{worker}/{number}".encode() for worker in range(4) for number in range(10)
    )
    assert {receipt.remote_id for receipt in receipts} == set(files)
