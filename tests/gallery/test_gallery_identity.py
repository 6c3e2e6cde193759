"""Rule 27 of the protocol: a gallery has a name of its own that stays."""

import errno
import os
import re
import shutil
import sqlite3
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from photopipe.errors import GalleryBroken
from photopipe.gallery.index.index import SCHEMA_VERSION
from photopipe.gallery.store import identity as identity_module
from photopipe.gallery.store.identity import create_gallery, gallery_identity


def test_a_folder_without_a_gallery_has_no_identity_and_is_left_alone(tmp_path: Path) -> None:
    assert gallery_identity(str(tmp_path / "absent")) is None
    assert gallery_identity(str(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_gallery_keeps_its_identity(tmp_path: Path) -> None:
    folder = str(tmp_path / "new" / "gallery")
    identity = create_gallery(folder)
    assert re.fullmatch(r"photopipe-gallery:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity)
    assert create_gallery(folder) == gallery_identity(folder) == identity


def test_the_identity_moves_with_the_folder(tmp_path: Path) -> None:
    identity = create_gallery(str(tmp_path / "old"))
    shutil.move(tmp_path / "old", tmp_path / "new")
    assert gallery_identity(str(tmp_path / "new")) == identity


def test_two_galleries_differ(tmp_path: Path) -> None:
    assert create_gallery(str(tmp_path / "a")) != create_gallery(str(tmp_path / "b"))


def test_processes_that_create_it_together_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        assert len(set(processes.map(create_gallery, [str(tmp_path / "gallery")] * 8))) == 1


def test_a_creation_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    (tmp_path / ".photopipe").mkdir()
    with closing(sqlite3.connect(tmp_path / ".photopipe" / "index.sqlite")) as index:
        index.execute("PRAGMA journal_mode=WAL")
    assert gallery_identity(str(tmp_path)) is None
    assert create_gallery(str(tmp_path)) == gallery_identity(str(tmp_path))


def test_asking_an_existing_gallery_takes_less_than_five_milliseconds(tmp_path: Path) -> None:
    create_gallery(str(tmp_path))

    def seconds() -> float:
        start = time.perf_counter()
        create_gallery(str(tmp_path))
        return time.perf_counter() - start

    assert statistics.median(seconds() for _ in range(21)) < 0.005


def test_the_index_is_durable_and_says_its_version(tmp_path: Path) -> None:
    create_gallery(str(tmp_path))
    with closing(sqlite3.connect(tmp_path / ".photopipe" / "index.sqlite")) as index:
        assert index.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert index.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_damaged_index_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".photopipe").mkdir()
    (tmp_path / ".photopipe" / "index.sqlite").write_bytes(
        b"this is no database at all, but long enough to be read" * 20
    )
    for ask in (gallery_identity, create_gallery):
        with pytest.raises(GalleryBroken) as caught:
            ask(str(tmp_path))
        assert str(caught.value).startswith(f"the gallery in {tmp_path} cannot be used: file is not a database.")
        assert "repair it with `photopipe gallery rebuild`" in str(caught.value)


def test_a_newer_gallery_is_not_touched(tmp_path: Path) -> None:
    create_gallery(str(tmp_path))
    with closing(sqlite3.connect(tmp_path / ".photopipe" / "index.sqlite")) as index:
        index.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(GalleryBroken, match="newer photopipe"):
        create_gallery(str(tmp_path))


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "gallery").write_bytes(b"")
    with pytest.raises(GalleryBroken, match=r"gallery cannot be used: .*Choose another folder with --gallery-dir"):
        create_gallery(str(tmp_path / "gallery"))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(identity_module, "ensure_folder", refuse)
    with pytest.raises(GalleryBroken, match="cannot be used: Permission denied"):
        create_gallery(str(tmp_path))


def test_an_existing_folder_that_became_read_only_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_gallery(str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(GalleryBroken, match="not writable"):
        create_gallery(str(tmp_path))
