"""Watermarks: their position, their opacity, and their content as part of the recipe."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from support.photos import downloaded, sent
from support.pictures import differ_by, make_jpeg, picture

from photopipe.errors import UsageError
from photopipe.resize.finish.watermark import FREE_SPACE, load_logo, watermarked
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings, WatermarkPosition

SIZE = (200, 100)
GREY = (90, 90, 90)


@pytest.fixture
def logo(tmp_path: Path) -> ResizeSettings:
    """Settings with a red square as watermark: 20 x 20 px on a picture of 200 x 100, 5 px from its edges."""
    path = tmp_path / "logo.png"
    Image.new("RGBA", (60, 60), (255, 0, 0, 255)).save(path)
    return ResizeSettings(
        format="png",
        watermark_file=str(path),
        watermark_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        watermark_opacity=1.0,
        watermark_width=0.1,
        watermark_margin=0.05,
    )


def marked_box(image: Image.Image, before: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(image.convert("RGB"), before.convert("RGB")).getbbox()


@pytest.mark.parametrize(
    ("position", "box"),
    [
        ("top-left", (5, 5, 25, 25)),
        ("top-right", (175, 5, 195, 25)),
        ("bottom-left", (5, 75, 25, 95)),
        ("bottom-right", (175, 75, 195, 95)),
        ("center", (90, 40, 110, 60)),
    ],
)
def test_it_is_where_it_should_be(
    logo: ResizeSettings, position: WatermarkPosition, box: tuple[int, int, int, int]
) -> None:
    before = picture(SIZE, colour=GREY)
    assert marked_box(watermarked(before, replace(logo, watermark_position=position)), before) == box
    assert before.getpixel((box[0], box[1])) == GREY


@pytest.mark.parametrize(("opacity", "wanted"), [(0.0, GREY), (0.5, (173, 45, 45)), (1.0, (255, 0, 0))])
def test_it_is_as_strong_as_it_should_be(logo: ResizeSettings, opacity: float, wanted: tuple[int, int, int]) -> None:
    after = watermarked(picture(SIZE, colour=GREY), replace(logo, watermark_opacity=opacity))
    found = after.getpixel((185, 85))
    assert isinstance(found, tuple)
    assert differ_by((found[0], found[1], found[2]), wanted) <= 1


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "RGB", "YCbCr"])
def test_every_mode_takes_it_and_grey_stays_grey(logo: ResizeSettings, mode: str) -> None:
    before = picture(SIZE, colour=GREY).convert(mode)
    after = watermarked(before, logo)
    assert after.mode == ("RGB" if mode == "YCbCr" else mode)
    assert after.convert("RGB").getpixel((185, 85)) == ((76,) * 3 if mode in ("L", "LA") else (255, 0, 0))


def test_it_can_be_seen_where_the_picture_is_clear(logo: ResizeSettings) -> None:
    assert watermarked(Image.new("RGBA", SIZE), logo).getpixel((185, 85)) == (255, 0, 0, 255)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_it_is_on_the_upright_picture(tmp_path: Path, logo: ResizeSettings, orientation: int) -> None:
    path = make_jpeg(tmp_path / "a.jpg", SIZE, colour=GREY, orientation=orientation)
    with Image.open(io.BytesIO(sent(resize(downloaded(path), logo)))) as image:
        found = image.convert("RGB").getpixel((image.width - 8, image.height - 8))
    assert found == (255, 0, 0)


def test_a_text_is_written(tmp_path: Path) -> None:
    before = picture(SIZE, colour=GREY)
    after = watermarked(before, ResizeSettings(watermark_text="A. Nonymous", watermark_width=0.5))
    box = marked_box(after, before)
    assert box is not None
    assert 90 <= box[2] - box[0] <= 100
    assert box[2] <= 198
    assert box[3] <= 98


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3)])
@pytest.mark.parametrize("position", FREE_SPACE)
def test_a_picture_of_any_size_takes_it(
    logo: ResizeSettings, size: tuple[int, int], position: WatermarkPosition
) -> None:
    assert watermarked(Image.new("RGB", size), replace(logo, watermark_position=position)).size == size


def test_without_settings_nothing_happens() -> None:
    image = picture(SIZE)
    assert watermarked(image, ResizeSettings()) is image


def test_the_recipe_knows_its_content_and_not_its_path(logo: ResizeSettings) -> None:
    assert logo.recipe_id == replace(logo, watermark_file="/elsewhere/logo.png").recipe_id
    assert logo.recipe_id != replace(logo, watermark_sha256="0" * 64).recipe_id
    assert logo.recipe_id != replace(logo, watermark_opacity=0.9).recipe_id


def test_a_watermark_that_changed_is_refused(logo: ResizeSettings) -> None:
    with pytest.raises(UsageError, match="has changed since the run began"):
        watermarked(picture(SIZE), replace(logo, watermark_sha256="0" * 64))


def test_a_watermark_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_logo(str(tmp_path / "missing.png"), None)
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match="is not a PNG that can be read"):
        load_logo(str(tmp_path / "a.png"), hashlib.sha256(b"no picture").hexdigest())
