"""Scanning: every photo once, in name order, whatever the tree looks like."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from photopipe.download.file_names.name_order import NameOrder
from photopipe.download.sources import pages
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import SourceMissing
from photopipe.photo import OtherFiles, UnreadablePath


def plant(top: Path, *names: str | bytes) -> None:
    for name in names:
        path = os.path.join(os.fsencode(top), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"\xff\xd8\xff")


def scan(source: Path) -> Iterator[Finding]:
    return FolderSource(str(source)).find()


def found_in(top: Path, source: Path | None = None) -> list[str]:
    found = [finding for finding in scan(source or top) if isinstance(finding, FolderPage)]
    return [os.path.relpath(photo.path, top) for page in found for photo in page.photos]


def test_a_dcim_tree_is_found_in_name_order_folder_by_folder(tmp_path: Path) -> None:
    plant(tmp_path, "DCIM/101PHOTO/B.JPG", "DCIM/100PHOTO/Z.HEIC", "DCIM/100PHOTO/A.jpeg", "top.png", "DCIM/x.TIFF")
    assert found_in(tmp_path) == [
        "top.png", "DCIM/x.TIFF", "DCIM/100PHOTO/A.jpeg", "DCIM/100PHOTO/Z.HEIC", "DCIM/101PHOTO/B.JPG",
    ]  # fmt: skip


def test_a_single_file_is_a_source_too(tmp_path: Path) -> None:
    plant(tmp_path, "one.jpg", "two.jpg")
    assert found_in(tmp_path, tmp_path / "one.jpg") == ["one.jpg"]


def test_junk_is_left_out(tmp_path: Path) -> None:
    plant(
        tmp_path, "good.jpg", "._good.jpg", ".hidden.jpg", ".DS_Store", "Thumbs.db", "@eaDir/good.jpg/thumb.jpg",
        "#recycle/a.jpg", "System Volume Information/b.jpg", ".Trashes/c.jpg", "SYNOFILE_THUMB_M.jpg", "~$x.jpg",
        "Recently Deleted/old.jpg",
    )  # fmt: skip
    assert found_in(tmp_path) == ["good.jpg"]


def test_other_files_are_counted_by_extension_and_left_alone(tmp_path: Path) -> None:
    plant(tmp_path, "a.jpg", "clip.MOV", "clip2.mov", "notes.txt", "README")
    others = [finding for finding in scan(tmp_path) if isinstance(finding, OtherFiles)]
    assert others == [OtherFiles((("", 1), (".mov", 2), (".txt", 1)))]


def test_a_folder_of_our_own_gallery_is_left_out(tmp_path: Path) -> None:
    plant(tmp_path, "photopipe/.photopipe/index.sqlite", "photopipe/2025/10/a.jpg", "b.jpg")
    assert found_in(tmp_path) == ["b.jpg"]


def test_links_to_folders_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    plant(tmp_path, "card/a/1.jpg", "card/b/2.jpg", "elsewhere/3.jpg")
    card = tmp_path / "card"
    (card / "a" / "up").symlink_to(card)
    (card / "b" / "sideways").symlink_to(card / "a")
    (card / "out").symlink_to(tmp_path / "elsewhere")
    (card / "out-again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "self").symlink_to(tmp_path / "elsewhere")
    (card / "circle").symlink_to(card / "circle")
    assert found_in(tmp_path, card) == ["card/a/1.jpg", "card/b/2.jpg", "card/out/3.jpg"]


def test_a_link_to_a_folder_above_the_source_finds_nothing_twice(tmp_path: Path) -> None:
    plant(tmp_path, "card/a/1.jpg", "card/a/b/2.jpg", "card/c/3.jpg")
    source = tmp_path / "card" / "a"
    (source / "b" / "up").symlink_to(tmp_path / "card")
    (source / "c").symlink_to(tmp_path / "card" / "c")
    assert found_in(source) == ["1.jpg", "b/2.jpg", "c/3.jpg"]


def test_a_deep_tree_takes_no_longer_for_each_folder_than_a_flat_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    lstat = os.lstat

    def counting_lstat(path: Any) -> os.stat_result:
        calls.append(path)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", counting_lstat)
    plant(tmp_path, *("d/" * depth + "1.jpg" for depth in range(1, 301)))
    calls.clear()
    assert len(found_in(tmp_path)) == 300
    assert len(calls) < 300


def test_a_source_that_is_a_link_is_scanned(tmp_path: Path) -> None:
    plant(tmp_path, "real/a.jpg", "real/sub/b.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert found_in(tmp_path, tmp_path / "link") == ["link/a.jpg", "link/sub/b.jpg"]


def test_a_broken_link_with_a_photos_name_is_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert list(scan(tmp_path)) == [UnreadablePath(str(tmp_path / "gone.jpg"), "No such file or directory")]


def test_pipes_and_folders_named_like_photos_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    plant(tmp_path, "folder.jpg/inside.jpg")
    assert found_in(tmp_path) == ["folder.jpg/inside.jpg"]


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root can read everything, so a folder nobody may read needs somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="photopipe-scan-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def locked_tree(open_folder: Path) -> Iterator[Path]:
    plant(open_folder, "a.jpg", "locked/b.jpg", "z/c.jpg")
    (open_folder / "locked").chmod(0)
    yield open_folder
    (open_folder / "locked").chmod(0o755)


def test_an_unreadable_folder_is_reported_and_passed(locked_tree: Path) -> None:
    with as_an_ordinary_user():
        findings = list(scan(locked_tree))
        assert UnreadablePath(str(locked_tree / "locked"), "Permission denied") in findings
        assert found_in(locked_tree) == ["a.jpg", "z/c.jpg"]


def test_a_missing_source_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"card.*No such file.*mounted"):
        scan(tmp_path / "card")


def test_a_source_that_goes_away_before_it_is_listed_is_missing(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    findings = scan(tmp_path / "card")
    (tmp_path / "card").rmdir()
    with pytest.raises(SourceMissing):
        next(findings)


def test_names_that_are_not_text_come_through_as_they_are(tmp_path: Path) -> None:
    plant(tmp_path, b"new\nline.jpg", b"\xff\xfe.jpg", "עברית.jpg".encode())
    names = {os.fsencode(name) for name in found_in(tmp_path)}
    assert names == {b"new\nline.jpg", b"\xff\xfe.jpg", "עברית.jpg".encode()}


def test_pages_are_small_whatever_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 10)
    plant(tmp_path, *(f"{number:03}.jpg" for number in range(25)))
    sizes = [len(page.photos) for page in scan(tmp_path) if isinstance(page, FolderPage)]
    assert sizes == [10, 10, 5]


@given(
    st.lists(st.binary(min_size=1, max_size=5).filter(lambda name: b"\0" not in name), unique=True), st.integers(1, 8)
)
@settings(max_examples=60, deadline=None)
def test_names_spilled_to_disk_come_out_as_if_sorted_in_memory(raw: list[bytes], in_memory: int) -> None:
    names = [os.fsdecode(name) for name in raw]
    order = NameOrder(in_memory)
    for name in names:
        order.add(name)
    assert list(order) == sorted(names)


def test_a_scan_left_early_closes_its_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("photopipe.download.file_names.name_order.NAMES_IN_MEMORY", 3)
    plant(tmp_path, *(f"{number}.jpg" for number in range(10)))
    findings = scan(tmp_path)
    next(findings)
    findings.close()  # type: ignore[attr-defined] # a generator; a leaked file would be a ResourceWarning
