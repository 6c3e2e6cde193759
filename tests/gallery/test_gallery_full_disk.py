"""Rule 16 of the protocol on a disk that is really full: for the file, for its folder, or only for the index."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from gallery.running_gallery import GalleryClient, arriving_files, jpeg, running_gallery, stored_files
from support.mounting import mounted_tmpfs, needs_mount

from photopipe.gallery.maintenance.verify import verify

PAGE_BYTES = 4096


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with mounted_tmpfs(folder):
        yield folder


def fill(disk: Path, free_pages: int) -> None:
    """Leave room for so many pages, folders and names among them."""
    with (disk / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
    with (disk / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(PAGE_BYTES))
    os.truncate(disk / "filler", (disk / "filler").stat().st_size // PAGE_BYTES * PAGE_BYTES - free_pages * PAGE_BYTES)


@needs_mount
def test_whatever_there_is_no_room_for_nothing_is_left_half(disk: Path) -> None:
    """With more pages that are free, an upload gets further: to its file, to its row, to the end."""
    statuses = []
    with running_gallery(disk / "gallery") as gallery:
        assert gallery.post(jpeg("first"), key="first").status_code == 201
        for free_pages in range(0, 21, 4):
            fill(disk, free_pages)
            before, name = stored_files(gallery.folder), f"{free_pages}.jpg"
            answer = gallery.post(jpeg(name), key=name, name=name, taken_at=f"20{free_pages:02}-01-01T00:00:00")
            statuses.append(answer.status_code)
            if answer.status_code != 201:
                assert (answer.status_code, answer.json()["reason"]) == (507, "disk_full")
                assert stored_files(gallery.folder) == before
            (disk / "filler").unlink()
            assert_photo_is_there_or_can_be_sent(gallery, name, is_there=answer.status_code == 201)
        assert arriving_files(gallery.folder) == []
        assert list(verify(str(gallery.folder))) == []
    assert statuses[0] == 507
    assert statuses[-1] == 201
    assert statuses.count(507) > 2


def assert_photo_is_there_or_can_be_sent(gallery: GalleryClient, name: str, *, is_there: bool) -> None:
    assert len(gallery.photos(idempotency_key=name)) == is_there
    if not is_there:
        assert gallery.post(jpeg(name), key=name, name=name).status_code == 201
