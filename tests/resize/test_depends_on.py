"""A failure says what trying again depends on: the limit of pixels, the decoders, or nothing but the recipe."""

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.photos import downloaded
from support.pictures import make_jpeg, picture
from support.raw_files import make_dng

from photopipe.errors import ItemError, PhotoTooLarge, ResizeError
from photopipe.resize.decoders.decoders import decoder_versions
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings


def failure(path: Path, **options: Any) -> ItemError:
    with pytest.raises(ItemError) as caught:
        resize(downloaded(path), ResizeSettings(**options))
    return caught.value


def too_many_pixels(path: Path) -> ItemError:
    return failure(make_jpeg(path), max_pixels=100)


def too_many_bytes(path: Path) -> ItemError:
    return failure(make_jpeg(path), max_bytes=100)


def too_long_for_the_format(path: Path) -> ItemError:
    return failure(make_jpeg(path), format="webp", fit="exact", max_width_px=20_000, max_height_px=10)


def damaged(path: Path) -> ItemError:
    make_jpeg(path).write_bytes(make_jpeg(path).read_bytes()[:-500])
    return failure(path)


def too_many_frames(path: Path) -> ItemError:
    picture((64, 40)).save(path, "GIF", save_all=True, append_images=[picture((64, 40), seed=1)])
    return failure(path, max_pixels=64 * 40, animation="keep")


def no_picture(path: Path) -> ItemError:
    path.write_bytes(b"a text")
    return failure(path)


@pytest.mark.parametrize(
    ("fail", "depends_on"),
    [
        (too_many_pixels, ("max_pixels",)),
        (too_many_frames, ("max_pixels",)),
        (too_many_bytes, ()),
        (too_long_for_the_format, ()),
        (damaged, ("decoders",)),
        (no_picture, ()),
    ],
)
def test_a_failure_says_what_it_depends_on(
    tmp_path: Path, fail: Callable[[Path], ItemError], depends_on: tuple[str, ...]
) -> None:
    error = fail(tmp_path / "a.jpg")
    assert error.depends_on == depends_on
    assert copy.copy(error).depends_on == depends_on, "an error travels with its photo"


def test_a_missing_decoder_is_one_that_may_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    (tmp_path / "a.dng").write_bytes(make_dng(picture((64, 40))))
    assert failure(tmp_path / "a.dng").depends_on == ("decoders",)


def test_other_failures_depend_on_nothing() -> None:
    assert (ItemError("x").depends_on, ResizeError("x").depends_on, PhotoTooLarge("x").depends_on) == ((), (), ())


def test_the_releases_of_the_decoders_are_named_without_importing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    decoder_versions.cache_clear()
    assert decoder_versions().startswith("Pillow ")
    assert ", pillow-heif " in decoder_versions()
    assert decoder_versions() is decoder_versions()
