"""What a gallery does by itself while it is served."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gallery.filling import add, picture, shown
from gallery.running_gallery import jpeg, running_gallery
from support.deadline import until

from photopipe.gallery.maintenance.missing_details import read_missing_details
from photopipe.gallery.store.reader import PhotoReader
from photopipe.gallery.store.store import PhotoStore


@contextmanager
def index_of(folder: Path) -> Iterator[sqlite3.Connection]:
    """The index of a gallery nobody uses, in a write transaction."""
    with PhotoStore(str(folder)) as store, store.transaction() as (index, _):
        yield index


def forget_details(folder: Path) -> None:
    """Make every row one of an index of the first version."""
    with index_of(folder) as index:
        index.execute("UPDATE photos SET has_details = 0, width_px = 0, height_px = 0, caption = ''")
        index.execute("UPDATE photo_words SET caption = ''")


def test_a_gallery_of_an_earlier_version_learns_what_its_photos_show(tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path)) as store:
        add(store, picture(90, 30, caption="Fjord"))
        add(store, "no real picture", "broken.jpg")
    forget_details(tmp_path)
    reader = PhotoReader(str(tmp_path))

    def is_described() -> bool:
        photos = (reader.with_id(1), reader.with_id(2))
        return all(photo is not None and photo.has_details for photo in photos)

    with running_gallery(tmp_path):
        until(is_described)
        with PhotoStore(str(tmp_path)) as store:
            assert shown(store, text="fjord") == [1]
    photo = reader.with_id(1)
    assert photo is not None
    assert (photo.width_px, photo.height_px) == (90, 30)


def test_photos_whose_headers_cannot_be_read_do_not_keep_others_from_being_read(tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path)) as store:
        for grey in range(3):
            add(store, picture(grey=grey), f"{grey}.jpg")
        (tmp_path / "2025/10/0.jpg").unlink()
    forget_details(tmp_path)
    with PhotoStore(str(tmp_path)) as store:
        assert read_missing_details(store, is_stopped=lambda: True) == 0
        assert read_missing_details(store) == 2
        assert read_missing_details(store) == 0


def test_the_trash_is_emptied_while_a_gallery_is_served(tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path)) as store:
        for name in "ab":
            add(store, name, f"{name}.jpg")
            store.trash(1 if name == "a" else 2)
    with index_of(tmp_path) as index:
        index.execute("UPDATE photos SET deleted_at = '2020-01-01T00:00:00.000+00:00' WHERE id = 1")
    reader = PhotoReader(str(tmp_path))
    with running_gallery(tmp_path) as client:
        until(lambda: reader.with_id(1) is None)
        assert client.post(jpeg("a")).status_code == 201
    assert reader.with_id(2) is not None


def test_a_gallery_that_cannot_look_after_itself_says_so_and_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("as if the disk failed")

    monkeypatch.setattr(PhotoStore, "purge", fail)
    with caplog.at_level(logging.WARNING), running_gallery(tmp_path) as client:
        until(lambda: "cannot be looked after: as if the disk failed" in caplog.text)
        assert client.post(jpeg("a")).status_code == 201
