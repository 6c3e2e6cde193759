"""A file that vanishes, changes, or cannot be read."""

import os
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.photos import downloaded, found
from support.pictures import make_jpeg

from photopipe.errors import DownloadError, PhotoChanged, PhotoUnreadable, PhotoVanished
from photopipe.resize.resize import resize, unchanged_file
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=100, max_height_px=100)


def test_a_photo_that_is_gone_has_vanished(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(PhotoVanished):
        resize(photo, SETTINGS)


def test_a_photo_whose_folder_is_now_a_file_has_vanished(tmp_path: Path) -> None:
    (tmp_path / "dcim").mkdir()
    photo = downloaded(make_jpeg(tmp_path / "dcim" / "a.jpg"))
    (tmp_path / "dcim" / "a.jpg").unlink()
    (tmp_path / "dcim").rmdir()
    (tmp_path / "dcim").touch()
    with pytest.raises(PhotoVanished):
        resize(photo, SETTINGS)


def test_a_photo_written_since_it_was_found_has_changed(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    with (tmp_path / "a.jpg").open("ab") as file:
        file.write(b"more")
    with pytest.raises(PhotoChanged, match="taken up again on the next run"):
        resize(photo, SETTINGS)


def test_a_photo_replaced_by_a_twin_has_changed(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    os.replace(make_jpeg(tmp_path / "b.jpg"), tmp_path / "a.jpg")
    with pytest.raises(PhotoChanged):
        resize(photo, SETTINGS)


def test_a_photo_written_while_it_is_read_has_changed(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    with pytest.raises(PhotoChanged), unchanged_file(found(path)) as file:
        file.read(100)
        with path.open("ab") as writer:
            writer.write(b"more")


def test_a_photo_cut_while_it_is_read_has_changed_and_is_not_called_broken(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    with pytest.raises(PhotoChanged), unchanged_file(found(path)):
        os.truncate(path, 100)
        raise PhotoUnreadable("cannot be resized: the file ends early. Copy it again from the camera.")


def test_an_order_to_stop_is_not_hidden_by_a_change(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    with pytest.raises(KeyboardInterrupt), unchanged_file(found(path)):
        os.truncate(path, 100)
        raise KeyboardInterrupt


def test_a_fifo_in_the_photos_place_is_not_waited_for(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    (tmp_path / "a.jpg").unlink()
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(PhotoChanged):
        within_deadline(lambda: resize(photo, SETTINGS))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_photo_without_permission_is_a_download_error(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    (tmp_path / "a.jpg").chmod(0)
    refound = found(tmp_path / "a.jpg")
    with pytest.raises(DownloadError, match="cannot be read: Permission denied"):
        resize(type(photo)(refound, photo.source_sha256), SETTINGS)


def test_a_file_the_system_will_not_open_is_a_download_error(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    with pytest.raises(DownloadError, match="cannot be read: "):
        resize(photo, SETTINGS)


def test_the_source_is_never_touched(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (1600, 1200), orientation=6)
    before, content = path.stat(), path.read_bytes()
    resize(downloaded(path), SETTINGS)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns, before.st_mode) == (
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_mode,
    )
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["a.jpg"]
