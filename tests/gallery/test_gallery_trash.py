"""The trash: deleted photos leave the pages, can be restored for 30 days, and no crash loses one."""

import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gallery.running_gallery import jpeg, sha256_of, stored_files
from support import trash_killed_at_every_step

from photopipe.gallery.index import stored_photo
from photopipe.gallery.index.index import index_path
from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Added, Upload

NAME = "2025/10/IMG_0042.jpg"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PhotoStore]:
    with PhotoStore(str(tmp_path)) as store:
        yield store


def add(store: PhotoStore, content: str, key: str | None = None, **said: Any) -> Added:
    upload = Upload(key, None, "IMG_0042.jpg", "IMG_0042.CR3", taken_at="2025-10-03T12:33:10", **said)
    return store.add(upload, io.BytesIO(jpeg(content)))


def shown(store: PhotoStore) -> list[int]:
    return [tile.photo.id for tile in store.tiles(PhotoFilter(), 100)[0]]


def trashed_files(store: PhotoStore) -> list[str]:
    trash = Path(store.folder, ".photopipe/trash")
    return sorted(str(path.relative_to(trash)) for path in trash.rglob("*") if not path.is_dir())


def assert_in_trash(store: PhotoStore, number: int) -> None:
    assert (shown(store), store.count(), store.tile(number)) == ([], 0, None)
    assert store.tiles(PhotoFilter(text="IMG_0042"), 10)[0] == []
    assert store.find("k1", sha256_of(jpeg("a"))) == []
    assert store.photos(PhotoFilter(which="stored"), 10) == ([], None)
    photo = store.with_id(number)
    assert photo is not None
    assert photo.is_in_trash
    assert store.at(photo.path) is None
    assert store.at(NAME) is None
    assert store.albums() == []


def test_a_deleted_photo_is_shown_nowhere_and_restored_as_it_was(store: PhotoStore) -> None:
    before = add(store, "a", key="k1", album="Norway").photo
    trashed = store.trash(before.id)
    assert trashed is not None
    assert trashed.deleted_at is not None
    assert stored_files(Path(store.folder)) == []
    assert trashed_files(store) == [f"{sha256_of(jpeg('a'))}/{NAME}"]
    assert_in_trash(store, before.id)
    assert store.trash(before.id) is None
    assert store.restore(before.id) == before
    assert store.restore(before.id) is None
    assert store.find("k1", None) == [(before, "k1")]
    assert [album.name for album in store.albums()] == ["Norway"]
    assert (stored_files(Path(store.folder)), trashed_files(store)) == ([NAME], [])


def test_what_was_made_of_one_file_is_deleted_and_restored_together(store: PhotoStore) -> None:
    numbers = [add(store, content, source_sha256=sha256_of(jpeg("c"))).photo.id for content in "abc"]
    other = add(store, "d").photo.id
    store.trash(numbers[0])
    assert (shown(store), len(trashed_files(store))) == ([other], 3)
    store.restore(numbers[2])
    assert (len(shown(store)), store.count(), trashed_files(store)) == (2, 4, [])


def test_a_rendition_that_is_sent_again_shows_its_source_again(store: PhotoStore) -> None:
    numbers = [add(store, content, source_sha256=sha256_of(jpeg("c"))).photo.id for content in "ab"]
    store.trash(numbers[0])
    assert add(store, "b", source_sha256=sha256_of(jpeg("c"))).photo.id == numbers[1]
    assert (shown(store), store.count()) == ([numbers[1]], 1)


def test_a_restored_photo_gets_another_name_if_its_own_is_taken(store: PhotoStore) -> None:
    first = add(store, "a").photo
    store.trash(first.id)
    assert add(store, "b").photo.path == NAME
    restored = store.restore(first.id)
    assert restored is not None
    assert restored.path == f"2025/10/IMG_0042-{first.sha256[:8]}.jpg"
    assert Path(store.folder, restored.path).read_bytes() == jpeg("a")
    assert Path(store.folder, NAME).read_bytes() == jpeg("b")
    assert [tile.photo.id for tile in store.tiles(PhotoFilter(text=f"IMG_0042-{first.sha256[:8]}"), 10)[0]] == [1]


def test_a_deleted_photo_that_is_sent_again_is_restored_with_its_id(store: PhotoStore) -> None:
    number = add(store, "a", key="k1").photo.id
    store.trash(number)
    again = add(store, "a", key="k1")
    assert (again.photo.id, again.duplicate, again.photo.path) == (number, False, NAME)
    assert (shown(store), trashed_files(store)) == ([number], [])


def test_a_key_of_a_deleted_photo_can_be_used_for_another(store: PhotoStore) -> None:
    number = add(store, "a", key="k1").photo.id
    store.trash(number)
    assert add(store, "b", key="k1").photo.sha256 == sha256_of(jpeg("b"))
    assert store.restore(number) is not None
    assert store.count() == 2


def test_a_photo_whose_file_is_gone_can_be_deleted_too(store: PhotoStore) -> None:
    number = add(store, "a").photo.id
    Path(store.folder, NAME).unlink()
    assert store.trash(number) is not None
    assert_in_trash(store, number)
    assert store.restore(number) is not None
    assert store.count() == 1


def test_photos_are_removed_for_good_after_thirty_days(store: PhotoStore) -> None:
    numbers = [add(store, content, key=content, album="Norway").photo.id for content in "ab"]
    store.trash(numbers[1])
    thumbnail = Path(
        store.folder, ".photopipe/thumbnails", sha256_of(jpeg("b"))[:2], f"{sha256_of(jpeg('b'))}-400.webp"
    )
    thumbnail.parent.mkdir(parents=True)
    thumbnail.write_bytes(b"")
    assert store.purge(datetime.now(UTC) + timedelta(days=29, hours=23)) == 0
    in_time = datetime.now(UTC) + timedelta(days=30, seconds=1)
    assert store.purge(in_time, is_stopped=lambda: True) == 0
    assert store.purge(in_time) == 1
    assert store.with_id(numbers[1]) is None
    assert not thumbnail.exists()
    assert os.listdir(Path(store.folder, ".photopipe/trash")) == []
    assert shown(store) == [numbers[0]]
    assert add(store, "c").photo.id == 3  # an id is never used for another photo


@pytest.mark.parametrize("action", ["trash", "restore"])
def test_what_cannot_be_completed_changes_nothing(
    store: PhotoStore, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    for content in "ab":
        add(store, content, source_sha256=sha256_of(jpeg("c")))
    if action == "restore":
        store.trash(1)
    before = (store.with_id(1), store.with_id(2), stored_files(Path(store.folder)), trashed_files(store))
    photo_with_id, calls = stored_photo.photo_with_id, list[int]()

    def fails_in_the_end(index: sqlite3.Connection, number: int) -> StoredPhoto | None:
        calls.append(number)
        if len(calls) == 2:
            raise OSError("as if the disk failed")
        return photo_with_id(index, number)

    with monkeypatch.context() as patch:
        patch.setattr(f"{PhotoStore.__module__}.photo_with_id", fails_in_the_end)
        with pytest.raises(OSError, match="as if"):
            getattr(store, action)(1)
    assert (store.with_id(1), store.with_id(2), stored_files(Path(store.folder)), trashed_files(store)) == before


@pytest.mark.parametrize(
    ("action", "least_steps"),
    [
        ("trash", 40),
        *(pytest.param(action, 30, marks=pytest.mark.campaign) for action in ("restore", "resend", "purge")),
    ],
)
def test_a_kill_at_any_step_loses_nothing(tmp_path: Path, action: str, least_steps: int) -> None:
    command = [sys.executable, trash_killed_at_every_step.__file__, action, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= least_steps


def test_a_crash_while_deleting_and_sending_again_leave_one_file(store: PhotoStore) -> None:
    photo = add(store, "a").photo
    trashed = Path(store.folder, ".photopipe/trash", photo.sha256, NAME)
    trashed.parent.mkdir(parents=True)
    Path(store.folder, NAME).rename(trashed)  # what a kill before the commit leaves
    assert add(store, "a").photo == photo
    with PhotoStore(store.folder) as successor:
        assert (shown(successor), stored_files(Path(store.folder)), trashed_files(store)) == ([photo.id], [NAME], [])


def test_an_index_has_no_row_left_of_a_photo_that_was_removed(store: PhotoStore) -> None:
    store.trash(add(store, "a", key="k1", album="Norway").photo.id)
    store.purge(datetime.now(UTC) + timedelta(days=31))
    with closing(sqlite3.connect(index_path(store.folder))) as index:
        tables = ("photos", "keys", "album_photos", "photo_words")
        assert [index.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables] == [(0,)] * 4
