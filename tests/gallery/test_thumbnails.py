"""Thumbnails: made when they are asked for, once, kept, and never in the way of anything else."""

import io
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from gallery.running_gallery import GalleryClient, jpeg, sha256_of
from PIL import Image
from support.deadline import until
from support.pictures import picture

from photopipe.gallery.index.index import opened_index
from photopipe.gallery.site.thumbnail_sizes import THUMBNAIL_SIZES
from photopipe.gallery.thumbnails.kept_thumbnails import forget_thumbnails
from photopipe.gallery.thumbnails.thumbnails import MOST_WAITING, Thumbnails
from photopipe.resize.pixels.pixel_budget import shared_budget
from photopipe.resize.thumbnail import make_thumbnail

SMALL = THUMBNAIL_SIZES[200]


def real_jpeg(seed: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    picture(size, seed=seed).save(buffer, "JPEG")
    return buffer.getvalue()


def kept_files(folder: Path) -> list[str]:
    cache = folder / ".photopipe" / "thumbnails"
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())


@pytest.fixture
def thumbnails(tmp_path: Path) -> Iterator[Thumbnails]:
    with Thumbnails(str(tmp_path)) as made:
        yield made


@pytest.fixture
def stored(tmp_path: Path) -> tuple[str, str]:
    """Hash and path of a photo."""
    data = real_jpeg()
    (tmp_path / "a.jpg").write_bytes(data)
    return sha256_of(data), str(tmp_path / "a.jpg")


@pytest.fixture
def no_memory() -> Iterator[ExitStack]:
    """Thumbnails wait for memory until this is closed."""
    with ExitStack() as held:
        held.enter_context(shared_budget(None).take(1 << 50))
        yield held


@pytest.mark.parametrize(("size", "shown"), [(200, (267, 200)), (400, (533, 400)), (1280, (640, 480))])
def test_a_photo_has_a_thumbnail_of_each_size(gallery: GalleryClient, size: int, shown: tuple[int, int]) -> None:
    data = real_jpeg()
    assert gallery.post(data).status_code == 201
    answer = gallery.get(f"/thumbs/{sha256_of(data)}/{size}.webp")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).size == shown
    assert answer.headers["Cache-Control"] == "private, immutable, max-age=31536000"
    asked_again = gallery.session.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=20)
    assert (asked_again.status_code, asked_again.content) == (304, b"")


@pytest.mark.parametrize("address", ["{}/201.webp", "{}/0.webp", "{}/400.jpg", "../../etc/400.webp", "0/400.webp"])
def test_there_are_no_other_thumbnails(gallery: GalleryClient, address: str) -> None:
    data = real_jpeg()
    gallery.post(data)
    assert gallery.get("/thumbs/" + address.format(sha256_of(data))).status_code == 404
    assert kept_files(gallery.folder) == []


def test_a_photo_in_the_trash_or_without_its_file_has_none(gallery: GalleryClient) -> None:
    for seed in (0, 1):
        gallery.post(real_jpeg(seed), name=f"{seed}.jpg")
    first, second = (f"/thumbs/{sha256_of(real_jpeg(seed))}/200.webp" for seed in (0, 1))
    assert [gallery.get(address).status_code for address in (first, second)] == [200, 200]
    with opened_index(str(gallery.folder)) as index:
        index.execute("UPDATE photos SET deleted_at = '2025-10-03T12:00:00Z' WHERE path LIKE '%/0.jpg'")
    next(gallery.folder.glob("*/*/1.jpg")).unlink()
    assert [gallery.get(address).status_code for address in (first, second)] == [404, 404]


def test_a_file_of_which_no_picture_can_be_made_is_decoded_once(gallery: GalleryClient) -> None:
    data = jpeg("not really")
    gallery.post(data)
    address = f"/thumbs/{sha256_of(data)}/200.webp"
    assert gallery.get(address).status_code == 404
    next(gallery.folder.glob("*/*/*.jpg")).write_bytes(real_jpeg())  # only a second look would see it
    assert gallery.get(address).status_code == 404


def test_with_other_decoders_it_is_tried_again(thumbnails: Thumbnails, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg("not really"))
    assert thumbnails.get("a" * 64, str(tmp_path / "a.jpg"), SMALL) is None
    (failure,) = kept_files(tmp_path)
    (tmp_path / ".photopipe" / "thumbnails" / failure).write_text("Pillow 1.0")
    (tmp_path / "a.jpg").write_bytes(real_jpeg())
    assert thumbnails.get("a" * 64, str(tmp_path / "a.jpg"), SMALL) is not None


def test_a_link_is_not_followed(thumbnails: Thumbnails, stored: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(stored[1])
    with pytest.raises(OSError):
        thumbnails.get("1" * 64, str(tmp_path / "link.jpg"), SMALL)


def test_a_thumbnail_is_kept(thumbnails: Thumbnails, stored: tuple[str, str], tmp_path: Path) -> None:
    sha256, path = stored
    made = thumbnails.get(sha256, path, SMALL)
    assert kept_files(tmp_path) == [f"{sha256[:2]}/{sha256}-200.webp"]
    os.unlink(path)
    assert thumbnails.get(sha256, path, SMALL) == made


@pytest.mark.parametrize("left", [b"", bytes(500), b"RIFF\xff\xff\0\0WEBP"])
def test_what_a_power_cut_left_is_made_again(
    thumbnails: Thumbnails, stored: tuple[str, str], tmp_path: Path, left: bytes
) -> None:
    made = thumbnails.get(*stored, SMALL)
    (kept,) = kept_files(tmp_path)
    (tmp_path / ".photopipe" / "thumbnails" / kept).write_bytes(left)
    assert thumbnails.get(*stored, SMALL) == made


def test_one_that_cannot_be_kept_is_shown_nevertheless(
    thumbnails: Thumbnails, stored: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".photopipe").mkdir()
    (tmp_path / ".photopipe" / "thumbnails").write_bytes(b"a file where the folder should be")
    assert thumbnails.get(*stored, SMALL)


def test_eight_who_ask_for_the_same_get_what_was_made_once(
    thumbnails: Thumbnails, stored: tuple[str, str], no_memory: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make_and_count(*arguments: Any, **named: Any) -> bytes:
        made.append(make_thumbnail(*arguments, **named))
        return made[-1]

    monkeypatch.setattr("photopipe.resize.thumbnail.make_thumbnail", make_and_count)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(thumbnails.get, *stored, SMALL) for _ in range(8)]
        until(lambda: thumbnails._room_to_wait._value == MOST_WAITING - 8)
        no_memory.close()
        answers = [future.result(20) for future in asked]
    assert len(made) == 1
    assert answers == made * 8


def test_a_gallery_still_answers_while_visitors_wait_for_thumbnails(
    gallery: GalleryClient, no_memory: ExitStack
) -> None:
    gallery.post(real_jpeg())
    address = f"{gallery.url}/thumbs/{sha256_of(real_jpeg())}/200.webp"
    with ThreadPoolExecutor(MOST_WAITING + 1) as pool:
        asked = {pool.submit(requests.get, address, timeout=20) for _ in range(MOST_WAITING + 1)}
        done, waiting = wait(asked, timeout=20, return_when=FIRST_COMPLETED)
        assert [(one.result().status_code, one.result().headers["Retry-After"]) for one in done] == [(503, "1")]
        assert gallery.post(real_jpeg(1)).status_code == 201
        no_memory.close()
        assert {one.result(20).status_code for one in waiting} == {200}


def test_what_is_forgotten_is_gone(thumbnails: Thumbnails, stored: tuple[str, str], tmp_path: Path) -> None:
    for size in THUMBNAIL_SIZES.values():
        thumbnails.get(*stored, size)
    assert len(kept_files(tmp_path)) == 3
    forget_thumbnails(str(tmp_path), "0" * 64)
    assert len(kept_files(tmp_path)) == 3
    forget_thumbnails(str(tmp_path), stored[0])
    assert kept_files(tmp_path) == []
