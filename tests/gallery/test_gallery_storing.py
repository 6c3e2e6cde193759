"""Rules 24 to 26 of the protocol: where a photo is stored, and under what name."""

import errno
import os
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from gallery.running_gallery import GalleryClient, arriving_files, jpeg, running_gallery, sha256_of, stored_files
from hypothesis import given
from hypothesis import strategies as st

from photopipe.files.kinds import fitting_extensions, kind_named
from photopipe.files.names import MAX_NAME_BYTES, stored_name
from photopipe.gallery.store.capture_time import shown_at

JPEG = fitting_extensions(kind_named("JPEG"))
NOW = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("taken_at", "modified_at", "expected"),
    [
        ("2025-10-31T23:30:00-08:00", "2020-01-01T00:00:00Z", "2025-10-31T23:30:00"),
        ("2025-10-31T23:30:00.75", None, "2025-10-31T23:30:00"),
        (None, "2025-11-01T00:30:00.123+02:00", "2025-10-31T22:30:00"),
        (None, None, "2025-12-31T22:30:00"),
    ],
)
def test_rule_24_capture_time_as_it_stands_then_change_time_then_now_in_utc(
    taken_at: str | None, modified_at: str | None, expected: str
) -> None:
    assert shown_at(taken_at, modified_at, NOW) == expected


def test_rule_24_a_photo_without_times_is_filed_under_today(gallery: GalleryClient) -> None:
    before = datetime.now(UTC)
    gallery.post(jpeg("a"), taken_at="")
    months = {f"{moment:%Y/%m}/IMG_0042.jpg" for moment in (before, datetime.now(UTC))}
    assert set(stored_files(gallery.folder)) <= months


def test_rule_24_a_photo_with_a_change_time_only_is_filed_under_it(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), taken_at="", modified_at="1999-12-31T23:59:59Z")
    assert stored_files(gallery.folder) == ["1999/12/IMG_0042.jpg"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_0042.JPG", "IMG_0042.JPG"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("..", "photo.jpg"),
        (".hidden.jpg", "hidden.jpg"),
        (". . .jpg", "jpg.jpg"),
        ("", "photo.jpg"),
        ("/", "photo.jpg"),
        ("\x00\x1b[31ma\n.jpg", "[31ma.jpg"),
        ("gpj.\u202eexe\u2066.jpg", "gpj.exe.jpg"),
        ("\u2028\u2029a.jpg", "a.jpg"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("lone \udcff.jpg", "lone .jpg"),
        ("no extension", "no extension.jpg"),
        ("page.html", "page.html.jpg"),
        ("a.jpeg", "a.jpeg"),
        ("trailing.", "trailing.jpg"),
        ("two.dots.jpg", "two.dots.jpg"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
        ("ü" * 150 + ".jpg", "ü" * 98 + ".jpg"),
        ("a." + "x" * 300, "a." + "x" * 194 + ".jpg"),
    ],
)
def test_rule_25_names_are_made_safe(name: str, expected: str) -> None:
    assert stored_name(name, JPEG) == expected


@given(st.text())
def test_rule_25_any_name_becomes_one_harmless_component(name: str) -> None:
    safe = stored_name(name, JPEG)
    assert 0 < len(safe.encode()) <= MAX_NAME_BYTES
    assert not safe.startswith(".")
    assert "/" not in safe
    assert "\\" not in safe
    assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in safe)
    assert stored_name(safe, JPEG) == safe


def test_rule_26_another_photo_with_the_same_name_is_told_apart(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    gallery.post(jpeg("b"))
    gallery.post(jpeg("c"), name="img_0042.JPG")
    assert set(stored_files(gallery.folder)) == {
        "2025/10/IMG_0042.jpg",
        f"2025/10/IMG_0042-{sha256_of(jpeg('b'))[:8]}.jpg",
        f"2025/10/img_0042-{sha256_of(jpeg('c'))[:8]}.JPG",
    }


def test_rule_26_the_longest_name_can_be_told_apart_too(gallery: GalleryClient) -> None:
    for content in "abc":
        assert gallery.post(jpeg(content), name="ü" * 200 + ".jpg").status_code == 201
    assert len(stored_files(gallery.folder)) == 3


def test_rule_26_a_strangers_file_is_never_overwritten(gallery: GalleryClient) -> None:
    month = gallery.folder / "2025/10"
    month.mkdir(parents=True)
    (month / "IMG_0042.jpg").write_bytes(b"mine")
    (month / f"IMG_0042-{sha256_of(jpeg('a'))[:8]}.jpg").symlink_to(month / "nowhere")
    gallery.post(jpeg("a"))
    assert (month / "IMG_0042.jpg").read_bytes() == b"mine"
    assert (month / f"IMG_0042-{sha256_of(jpeg('a'))[:16]}.jpg").read_bytes() == jpeg("a")


def test_rule_26_a_file_with_these_bytes_is_taken_into_the_index(gallery: GalleryClient) -> None:
    month = gallery.folder / "2025/10"
    month.mkdir(parents=True)
    (month / "IMG_0042.jpg").write_bytes(jpeg("a"))
    assert gallery.post(jpeg("a")).status_code == 201
    assert stored_files(gallery.folder) == ["2025/10/IMG_0042.jpg"]
    assert len(gallery.photos()) == 1


def test_rule_26_a_lost_index_does_not_double_the_photos(tmp_path: Path) -> None:
    for _ in range(2):
        with running_gallery(tmp_path) as gallery:
            assert [gallery.post(jpeg(content), key=content).status_code for content in "ab"] == [201, 201]
        (tmp_path / ".photopipe" / "index.sqlite").unlink()
    assert len(stored_files(tmp_path)) == 2


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOTSUP])
def test_a_disk_without_hard_links_is_written_without_overwriting(
    gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def no_links(*_arguments: object) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", no_links)
        for content in "ab":
            assert gallery.post(jpeg(content)).status_code == 201
    assert (gallery.folder / "2025/10/IMG_0042.jpg").read_bytes() == jpeg("a")
    assert len(stored_files(gallery.folder)) == 2
    assert arriving_files(gallery.folder) == []
