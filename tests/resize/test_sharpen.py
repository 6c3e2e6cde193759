"""Sharpening for the screen: only what was made smaller, only lightness, only if asked."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from support.photos import downloaded, sent
from support.pictures import Rgb, make_jpeg, picture

from photopipe.resize.colour.colour import Colour
from photopipe.resize.finish.sharpen import sharpen
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

PLAIN = ResizeSettings(160, 120, format="png")
SHARP = ResizeSettings(160, 120, format="png", sharpen=True)


def contrast(image: Image.Image) -> float:
    """How much neighbours differ."""
    grey = image.convert("L")
    return ImageStat.Stat(ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))).mean[0]


def edge(mode: str, left: Rgb = (120, 60, 40), right: Rgb = (180, 120, 90)) -> Image.Image:
    image = Image.new("RGB", (16, 16), left)
    image.paste(right, (8, 0, 16, 16))
    return image.convert(mode)


def rendition(path: Path, settings: ResizeSettings) -> Image.Image:
    image = Image.open(io.BytesIO(sent(resize(downloaded(path), settings))))
    image.load()
    return image


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_photo_that_was_made_smaller_is_sharper(tmp_path: Path, name: str) -> None:
    picture((640, 480), seed=2).save(tmp_path / name)
    assert contrast(rendition(tmp_path / name, SHARP)) > 1.01 * contrast(rendition(tmp_path / name, PLAIN))


def test_a_photo_that_was_not_made_smaller_is_left_alone(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (160, 120))
    assert rendition(path, SHARP).tobytes() == rendition(path, PLAIN).tobytes()


def test_it_is_off_by_default() -> None:
    assert not ResizeSettings().sharpen
    assert ResizeSettings().recipe_id != ResizeSettings(sharpen=True).recipe_id


@pytest.mark.parametrize("mode", ["RGB", "L", "YCbCr"])
def test_flat_parts_stay_and_edges_get_steeper(mode: str) -> None:
    before = edge(mode)
    after = sharpen(Colour(before, None)).image
    assert after.mode == mode
    assert after.getpixel((1, 8)) == before.getpixel((1, 8))
    assert contrast(after) > contrast(before)


def test_colours_get_no_fringes() -> None:
    before, after = edge("RGB"), sharpen(Colour(edge("RGB"), None)).image
    changes = [
        tuple(new - old for new, old in zip(after.getpixel((x, 8)), before.getpixel((x, 8)), strict=True))  # type: ignore[arg-type]  # a pixel of RGB is a tuple
        for x in range(16)
    ]
    assert all(len(set(change)) == 1 for change in changes)
    assert any(change[0] for change in changes)


def test_pictures_with_alpha_are_left_alone() -> None:
    for mode in ("RGBA", "LA"):
        colour = Colour(edge(mode), None)
        assert sharpen(colour) is colour
