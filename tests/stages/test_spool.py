"""Renditions that wait on the disk for a slow gallery."""

from pathlib import Path

import pytest
from support.uploading import make_photo

from photopipe.errors import DiskFull
from photopipe.photo import RenderedPhoto
from photopipe.stages.spool import Spool


def test_a_picture_on_the_disk_has_the_same_bytes_and_is_gone_when_all_galleries_have_it(tmp_path: Path) -> None:
    spool, photo = Spool(str(tmp_path / "spool")), make_photo(b"picture")
    spooled = spool.put(photo)
    assert (spooled.data, spooled.is_original) == (None, False)
    with spooled.open() as file:
        assert file.read() == b"picture"
        spooled.check_unchanged(file)
    spool.remove(RenderedPhoto(photo.source, (spooled,)))
    assert list((tmp_path / "spool").iterdir()) == []
    spool.close()
    assert not (tmp_path / "spool").exists()


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    first = Spool(str(tmp_path / "spool"))
    first.put(make_photo(b"picture"))
    Spool(str(tmp_path / "spool"))
    assert not (tmp_path / "spool").exists()


def test_a_folder_that_cannot_be_written_ends_the_run_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DiskFull, match="cannot be written"):
        Spool(str(tmp_path / "file" / "spool")).put(make_photo(b"picture"))
