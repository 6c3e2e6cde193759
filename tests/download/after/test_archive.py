"""The archive: a verified copy of each file, written in the one pass over it, and never over anything else."""

import errno
import os
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.photos import found

from photopipe.download.after import verified_copy
from photopipe.download.after.archive import Archive, ArchiveFacts, archive_folders
from photopipe.download.download import download
from photopipe.errors import ArchiveUnusable, DiskFull, DownloadError, UsageError
from photopipe.files.placing import TemporaryFile
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto


def facts_of(_file: BinaryIO, _found: FoundPhoto) -> ArchiveFacts:
    return ArchiveFacts(datetime(2024, 5, 1, 12, 33, 10), "Acme/Shooter: 3")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    (tmp_path / "card").mkdir()
    return tmp_path / "archive"


def planted(top: Path, name: str, content: bytes) -> FoundPhoto:
    path = top.parent / "card" / name
    path.write_bytes(content)
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return found(path)


def archived(
    top: Path, photo: FoundPhoto, *companions: FoundPhoto, template: str = "{date:%Y/%Y-%m-%d}"
) -> tuple[FoundPhoto, ...]:
    with Archive(f"{top}/{template}", facts_of).receiving() as copy:
        return copy.keep(download(photo, copy=copy), companions)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_photo_is_copied_with_its_time_to_the_folder_of_its_day(top: Path) -> None:
    photo = planted(top, "a.jpg", b"one")
    (copy,) = archived(top, photo)
    assert files_in(top) == {"2024/2024-05-01/a.jpg": b"one"}
    assert copy == found(copy.path)
    assert (copy.path, copy.mtime_ns) == (str(top / "2024/2024-05-01/a.jpg"), photo.mtime_ns)


def test_what_is_there_already_is_left_as_it_is_and_a_name_that_is_taken_gets_a_part_of_the_hash(top: Path) -> None:
    archived(top, planted(top, "a.jpg", b"one"), template="{folder}")
    archived(top, planted(top, "a.jpg", b"one"), template="{folder}")
    assert files_in(top) == {"card/a.jpg": b"one"}
    archived(top, planted(top, "a.jpg", b"two"), planted(top, "a.jpg.xmp", b"x"), template="{folder}")
    added = sha256(b"two").hexdigest()[:8]
    assert files_in(top) == {"card/a.jpg": b"one", f"card/a-{added}.jpg": b"two", f"card/a-{added}.jpg.xmp": b"x"}


def test_fields_other_than_dates_make_no_folders_in_folders(top: Path) -> None:
    archived(top, planted(top, "a.jpg", b"one"), template="{camera}/{folder}/{name}/{date}")
    assert list(files_in(top)) == ["Acme_Shooter_ 3/card/a/2024-05-01/a.jpg"]


def test_a_photo_whose_size_and_age_a_server_does_not_say_is_recognised_all_the_same(top: Path) -> None:
    path = planted(top, "a.jpg", b"one").path
    for _ in range(2):
        with Archive(f"{top}/{{folder}}", facts_of).receiving() as copy:
            downloaded = download(found(path), copy=copy)
            (kept,) = copy.keep(replace(downloaded, found=downloaded.found._replace(size_bytes=0, mtime_ns=0)), ())
    assert files_in(top) == {"card/a.jpg": b"one"}
    assert kept.mtime_ns > 1_700_000_001_000_000_000


@pytest.mark.parametrize("template", ["{size}", "{date", "{name:%Y}"])
def test_a_template_that_cannot_be_filled_is_refused(top: Path, template: str) -> None:
    with pytest.raises(UsageError):
        Archive(f"{top}/{template}", facts_of)


def test_a_folder_that_is_not_there_is_not_created(top: Path) -> None:
    """It may be a disk that is not mounted."""
    with pytest.raises(UsageError, match="there is no such folder"):
        Archive(f"{top}/disk/{{date:%Y}}", facts_of)
    for template in (f"{top}/photos-{{date:%Y}}", f"{top}/{{date}}", f"{top}/"):
        assert archive_folders(template)[0] == str(top)


def test_a_companion_that_was_touched_is_copied_and_one_that_is_gone_is_not(top: Path) -> None:
    """As a sidecar that two photos share, which the other one has taken along."""
    photo, *companions = (planted(top, name, b"one") for name in ("a.jpg", "a.xmp", "a.jpg.xmp"))
    os.chmod(companions[0].path, 0o600)
    os.unlink(companions[1].path)
    archived(top, photo, *companions, template="{folder}")
    assert files_in(top) == {"card/a.jpg": b"one", "card/a.xmp": b"one"}


def test_what_a_killed_run_has_left_is_removed(top: Path) -> None:
    (top / ".archived.part-0123abcd").write_bytes(b"half")
    Archive(f"{top}/{{date:%Y}}", facts_of)
    assert files_in(top) == {}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EIO, ArchiveUnusable),
        (errno.EROFS, ArchiveUnusable),
        (errno.EFBIG, DownloadError),
    ],
)
def test_an_error_ends_the_run_unless_only_this_file_is_to_blame(
    top: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: Any
) -> None:
    def fail(_file: TemporaryFile, _data: bytes) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(TemporaryFile, "write", fail)
    with pytest.raises(kind):
        archived(top, planted(top, "a.jpg", b"one"))
    assert files_in(top) == {}


def test_a_disk_that_gives_back_other_bytes_ends_the_run(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified_copy, "_hash_on_disk", lambda _path: "0" * 64)
    with pytest.raises(ArchiveUnusable, match="other bytes"):
        archived(top, planted(top, "a.jpg", b"one"))
    assert files_in(top) == {}


def test_a_photo_that_is_archived_is_read_from_there(top: Path) -> None:
    photo = planted(top, "a.jpg", b"one")
    downloaded = DownloadedPhoto(photo, sha256(b"one").hexdigest(), archived=archived(top, photo))
    os.unlink(photo.path)
    with downloaded.content.open() as file:
        assert file.read() == b"one"


def test_two_photos_that_want_the_same_name_at_the_same_moment_both_get_one(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = os.link, [b"two"]

    def link_second(path: str, final_path: str) -> None:
        while others:
            Path(final_path).write_bytes(others.pop())
        real(path, final_path)

    monkeypatch.setattr("photopipe.files.placing.os.link", link_second)
    archived(top, planted(top, "a.jpg", b"one"), template="{folder}")
    assert sorted(files_in(top).values()) == [b"one", b"two"]
