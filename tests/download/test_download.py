"""Reading a photo once: who it is, and whether it stayed the same meanwhile."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from photopipe import found_photo as found_photo_module
from photopipe.download.download import download
from photopipe.errors import DownloadError, FileTooLarge, NotAPhoto, PhotoChanged, PhotoVanished
from photopipe.files.kinds import extension_of, require_photo
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 1000


def found(path: Path) -> FoundPhoto:
    return FoundPhoto.from_stat(str(path), path.stat())


def planted(tmp_path: Path, content: bytes = JPEG) -> FoundPhoto:
    (tmp_path / "a.jpg").write_bytes(content)
    return found(tmp_path / "a.jpg")


def test_a_photo_is_known_by_the_hash_of_its_content(tmp_path: Path) -> None:
    photo = download(planted(tmp_path))
    assert photo.source_sha256 == hashlib.sha256(JPEG).hexdigest()
    assert photo.head == JPEG[:64]


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def counting_open(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments[0])
        return open(*arguments, **options)

    monkeypatch.setattr(found_photo_module, "open", counting_open, raising=False)
    photo = planted(tmp_path)
    download(photo)
    assert opened == [photo.path]


def test_a_file_that_changed_since_it_was_found_is_not_taken_for_what_was_found(tmp_path: Path) -> None:
    stale = planted(tmp_path, b"half")
    planted(tmp_path, JPEG)
    with pytest.raises(PhotoChanged, match="still writing"):
        download(stale)


def test_a_file_too_large_to_be_a_photo_is_refused_before_it_is_read(tmp_path: Path) -> None:
    photo = planted(tmp_path)
    os.truncate(photo.path, 10**12)  # a sparse file: it takes no room, and hours to read
    with pytest.raises(FileTooLarge, match=r"1000\.0 GB, and the limit is 1\.0 GB.*--max-file-size"):
        download(found(tmp_path / "a.jpg"))
    (tmp_path / "a.jpg").write_bytes(b"")
    os.truncate(photo.path, 10**12)
    with pytest.raises(NotAPhoto, match="begins with zeros"):
        download(found(tmp_path / "a.jpg"))


def test_the_limit_of_the_size_depends_on_the_kind_and_can_be_set(tmp_path: Path) -> None:
    tiff = planted(tmp_path, b"II*\0")
    os.truncate(tiff.path, 10**10)
    with pytest.raises(FileTooLarge, match=r"the limit is 4\.3 GB"):
        download(found(tmp_path / "a.jpg"))
    with pytest.raises(FileTooLarge):
        download(planted(tmp_path), len(JPEG) - 1)
    assert download(planted(tmp_path), len(JPEG)).head == JPEG[:64]


def test_a_file_that_changes_at_every_read_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = planted(tmp_path)
    real_fstat = os.fstat

    def growing_fstat(descriptor: int) -> os.stat_result:
        with open(photo.path, "ab") as file:
            file.write(b"more")
        return real_fstat(descriptor)

    monkeypatch.setattr(os, "fstat", growing_fstat)
    with pytest.raises(PhotoChanged, match="still writing"):
        download(photo)


def test_a_change_that_keeps_size_and_mtime_is_noticed(tmp_path: Path) -> None:
    before = planted(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"PICTURE" * 1000)
    os.utime(before.path, ns=(before.mtime_ns, before.mtime_ns))
    status = os.stat(before.path)
    assert (status.st_size, status.st_mtime_ns) == (before.size_bytes, before.mtime_ns)
    with pytest.raises(PhotoChanged):
        before.open()


def test_a_vanished_file_is_told_from_an_unreadable_one(tmp_path: Path) -> None:
    photo = planted(tmp_path)
    Path(photo.path).unlink()
    with pytest.raises(PhotoVanished, match="gone"):
        download(photo)
    Path(photo.path).mkdir()
    with pytest.raises(DownloadError, match="cannot be read: Is a directory"):
        download(photo)


def head(content: bytes) -> DownloadedPhoto:
    return DownloadedPhoto(FoundPhoto("a.jpg", 0, 0, len(content), 0, 0), "0" * 64, content[:64])


@pytest.mark.parametrize(
    "content",
    [
        JPEG, b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x1cftypmsf1\x00\x00\x00\x00mif1heic",
        b"\x00\x00\x00\x1cftypxxxx\x00\x00\x00\x00mif1heic",
    ],
)  # fmt: skip
def test_pictures_are_known_by_their_first_bytes(content: bytes) -> None:
    require_photo(head(content).head)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (bytes(64), "begins with zeros"),
        (b"hello there\nsecond line", r"text \(it begins with 'hello there'\)"),
        (b"%!PS-Adobe-3.0\n", "text"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "first bytes"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42", "first bytes"),
        (b"\xff", "first bytes"),
    ],
)
def test_what_is_not_a_picture_is_named_for_what_it_is(content: bytes, says: str) -> None:
    with pytest.raises(NotAPhoto, match=says):
        require_photo(head(content).head)


def test_extensions_are_compared_in_lower_case_and_hidden_names_have_none() -> None:
    assert [extension_of(name) for name in ("A.JPG", "b.tar.Png", "README", ".jpg")] == [".jpg", ".png", "", ""]
