"""Colours against expectations computed by hand, for every kind of pixels."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from support.photos import downloaded, sent
from support.pictures import Rgb, differ_by, make_jpeg, picture
from support.profiles import (
    ADOBE_RGB,
    Lab,
    cmyk_profile,
    grey_profile,
    rgb_profile,
    rgb_table_profile,
    srgb_by_hand,
    srgb_encoded,
)

from photopipe.photo import ResizedPhoto
from photopipe.resize.pixels.resample import shrink
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

BEST = ResizeSettings(max_width_px=64, max_height_px=64, quality=95)
SIZE = (96, 64)
RED = picture(SIZE, colour=(200, 60, 50))
INKS = Image.new("CMYK", SIZE, (0, 255, 255, 0))
CMYK_GUESSED = ("CMYK without a colour profile; its colours are a guess",)


def saved(path: Path, image: Image.Image, **options: object) -> ResizedPhoto:
    image.save(path, **options)  # type: ignore[arg-type]  # the options are the format's own
    return resize(downloaded(path), BEST)


def opened(result: ResizedPhoto) -> Image.Image:
    return Image.open(io.BytesIO(sent(result)), formats=["JPEG"])


def middle(result: ResizedPhoto) -> Rgb:
    with opened(result) as image:
        return pixel(image, image.width // 2, image.height // 2)


def pixel(image: Image.Image, x: int, y: int) -> Rgb:
    found = image.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


@pytest.mark.parametrize("colour", [(200, 60, 50), (60, 160, 70), (70, 80, 190), (128, 128, 128), (255, 255, 255)])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg", "a.heic"])
def test_adobe_rgb_becomes_srgb(tmp_path: Path, name: str, colour: Rgb) -> None:
    gamma = 563 / 256
    profile = rgb_profile(ADOBE_RGB, gamma)
    result = saved(tmp_path / name, picture(SIZE, colour=colour), icc_profile=profile, quality=95)
    wanted = srgb_by_hand(colour, ADOBE_RGB, gamma)
    assert differ_by(middle(result), wanted) <= 4, wanted
    assert result.rendition.warnings == ()


def test_a_photo_without_profile_keeps_its_colours(tmp_path: Path) -> None:
    assert differ_by(middle(saved(tmp_path / "a.png", picture(SIZE, colour=(200, 60, 50)))), (200, 60, 50)) <= 2


def test_a_small_srgb_profile_goes_with_every_colour_photo(tmp_path: Path) -> None:
    with opened(resize(downloaded(make_jpeg(tmp_path / "a.jpg")), BEST)) as image:
        profile = image.info["icc_profile"]
    assert len(profile) < 1000
    assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space == "RGB "
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))


def test_grey_stays_grey_and_carries_no_profile_for_rgb(tmp_path: Path) -> None:
    with opened(saved(tmp_path / "a.png", Image.new("L", SIZE, 90))) as image:
        assert image.mode == "L"
        assert "icc_profile" not in image.info
        assert differ_by(pixel(image, 9, 9), (90, 90, 90)) <= 1


def test_linear_grey_is_converted_by_its_profile(tmp_path: Path) -> None:
    result = saved(tmp_path / "a.png", Image.new("L", SIZE, 55), icc_profile=grey_profile(1.0))
    wanted = srgb_encoded(55 / 255)
    assert differ_by(middle(result), (wanted, wanted, wanted)) <= 2
    assert result.rendition.warnings == ()
    with opened(result) as image:
        assert image.mode == "L"


def test_linear_deep_grey_is_converted_by_its_profile(tmp_path: Path) -> None:
    result = saved(tmp_path / "a.tif", Image.new("I;16", SIZE, 55 * 257), icc_profile=grey_profile(1.0))
    wanted = srgb_encoded(55 / 255)
    assert differ_by(middle(result), (wanted, wanted, wanted)) <= 2


def red_cyan(inks: tuple[int, ...]) -> Lab:
    """A press whose cyan ink is sRGB red, which no conversion without the profile would guess."""
    cyan, magenta, yellow, black = inks
    if black:
        return (0, 0, 0)
    if cyan:
        return (53, 80, 67)
    return (100, 0, 0) if not (magenta or yellow) else (60, 0, 0)


def washed_out(lights: tuple[int, ...]) -> Lab:
    """A display whose black is a dark grey."""
    return (12 + 88 * sum(lights) / 3, 0, 0)


def test_the_darkest_black_becomes_black(tmp_path: Path) -> None:
    result = saved(tmp_path / "a.png", picture(SIZE, colour=(0, 0, 0)), icc_profile=rgb_table_profile(washed_out))
    assert differ_by(middle(result), (0, 0, 0)) <= 2


def test_paper_becomes_white(tmp_path: Path) -> None:
    blank = Image.new("CMYK", SIZE, (0, 0, 0, 0))
    result = saved(tmp_path / "a.tif", blank, icc_profile=cmyk_profile(red_cyan))
    assert differ_by(middle(result), (255, 255, 255)) <= 2


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_is_converted_by_its_profile(tmp_path: Path, name: str) -> None:
    cyan = Image.new("CMYK", SIZE, (255, 0, 0, 0))
    result = saved(tmp_path / name, cyan, icc_profile=cmyk_profile(red_cyan), quality=95)
    assert differ_by(middle(result), (255, 0, 0)) <= 15
    assert result.rendition.warnings == ()


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_without_profile_is_converted_anyway(tmp_path: Path, name: str) -> None:
    result = saved(tmp_path / name, Image.new("CMYK", SIZE, (0, 255, 255, 0)), quality=95)
    assert differ_by(middle(result), (255, 0, 0)) <= 4
    assert result.rendition.warnings == CMYK_GUESSED


@pytest.mark.parametrize(
    ("image", "profile", "warning"),
    [
        (RED, b"no profile at all", "the colour profile could not be read; treated as sRGB"),
        (RED, rgb_profile(ADOBE_RGB, 2.2)[:200], "the colour profile could not be read; treated as sRGB"),
        (RED, grey_profile(1.0), "the colour profile is for GRAY, not for RGB; treated as sRGB"),
        (RED, cmyk_profile(red_cyan), "the colour profile is for CMYK, not for RGB; treated as sRGB"),
        (INKS, rgb_profile(ADOBE_RGB, 2.2), "the colour profile is for RGB, not for CMYK; its colours are a guess"),
        (INKS, b"no profile at all", "the colour profile could not be read; its colours are a guess"),
    ],
    ids=["garbage", "cut", "grey", "cmyk", "rgb for cmyk", "garbage for cmyk"],
)
def test_a_profile_that_does_not_fit_gives_a_warning_and_never_fails_the_photo(
    tmp_path: Path, image: Image.Image, profile: bytes, warning: str
) -> None:
    plain = saved(tmp_path / "plain.jpg", image, quality=95)
    broken = saved(tmp_path / "broken.jpg", image, quality=95, icc_profile=profile)
    assert broken.rendition.warnings == (warning,)
    assert sent(broken) == sent(plain)


def gradient(mode: str, white: float) -> Image.Image:
    """Black to white from left to right in 256 steps."""
    image = Image.new(mode, (256, 16))
    for x in range(256):
        level = x / 255 * white
        image.paste(level if mode == "F" else int(level), (x, 0, x + 1, 16))
    return image


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("a.png", gradient("I;16", 65535)),
        ("a.tif", gradient("I;16", 65535)),
        ("big.tif", gradient("I;16B", 65535)),
        ("a.tif", gradient("I", 65535)),
        ("huge.tif", gradient("I", 2**31 - 1)),
        ("a.tif", gradient("F", 1.0)),
        ("byte.tif", gradient("F", 255.0)),
        ("deep.tif", gradient("F", 65535.0)),
        ("deeper.tif", gradient("F", 1e9)),
    ],
)
def test_deep_grey_is_scaled_and_not_clipped(tmp_path: Path, name: str, image: Image.Image) -> None:
    image.save(tmp_path / name)
    with opened(resize(downloaded(tmp_path / name), ResizeSettings(quality=95))) as result:
        assert result.mode == "L"
        levels = [pixel(result, x, 8)[0] for x in range(256)]
    assert max(abs(level - x) for x, level in enumerate(levels)) <= 3


def test_deep_grey_is_rounded_to_the_nearest_level() -> None:
    for value, level in ((20 * 257 + 100, 20), (20 * 257 + 200, 21), (65535, 255), (0, 0)):
        small = shrink(Image.new("I;16", (4, 4), value), (1, 1), (0, 0, 4, 4))
        assert small.getpixel((0, 0)) == level


def test_dim_deep_grey_stays_dim(tmp_path: Path) -> None:
    assert differ_by(middle(saved(tmp_path / "a.png", Image.new("I;16", SIZE, 20 * 257))), (20, 20, 20)) <= 1


def see_through(mode: str, colour: tuple[int, ...]) -> Image.Image:
    """The left half opaque, the right half transparent with black beneath."""
    image = Image.new(mode, SIZE, (*[0] * (len(colour) - 1), 0))
    image.paste(colour, (0, 0, SIZE[0] // 2, SIZE[1]))
    return image


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif"])
@pytest.mark.parametrize(
    ("mode", "colour", "wanted"), [("RGBA", (200, 60, 50, 255), (200, 60, 50)), ("LA", (90, 255), (90, 90, 90))]
)
def test_alpha_is_laid_on_white(tmp_path: Path, name: str, mode: str, colour: tuple[int, ...], wanted: Rgb) -> None:
    options = {"a.webp": {"lossless": True}}.get(name, {})
    with opened(saved(tmp_path / name, see_through(mode, colour), **options)) as image:
        assert differ_by(pixel(image, 10, 20), wanted) <= 3
        assert differ_by(pixel(image, 55, 20), (255, 255, 255)) <= 2


def test_half_clear_colour_is_mixed_after_its_conversion(tmp_path: Path) -> None:
    image = Image.new("RGBA", SIZE, (200, 60, 50, 128))
    result = saved(tmp_path / "a.png", image, icc_profile=rgb_profile(ADOBE_RGB, 563 / 256))
    solid = srgb_by_hand((200, 60, 50), ADOBE_RGB, 563 / 256)
    mixed = [round((channel * 128 + 255 * 127) / 255) for channel in solid]
    assert differ_by(middle(result), (mixed[0], mixed[1], mixed[2])) <= 4


def test_a_clear_edge_has_no_dark_fringe(tmp_path: Path) -> None:
    with opened(saved(tmp_path / "a.png", see_through("RGBA", (250, 250, 250, 255)))) as image:
        assert min(pixel(image, x, 20)[0] for x in range(image.width)) >= 240


def palette_picture(*, clear: bool) -> Image.Image:
    image = Image.new("P", SIZE, 1)
    image.putpalette([200, 60, 50, 10, 20, 30])
    image.paste(0, (0, 0, SIZE[0] // 2, SIZE[1]))
    if clear:
        image.info["transparency"] = 1
    return image


@pytest.mark.parametrize("clear", [False, True])
def test_a_palette_becomes_colours(tmp_path: Path, clear: bool) -> None:
    with opened(saved(tmp_path / "a.png", palette_picture(clear=clear))) as image:
        assert differ_by(pixel(image, 10, 20), (200, 60, 50)) <= 3
        assert differ_by(pixel(image, 55, 20), (255, 255, 255) if clear else (10, 20, 30)) <= 3


def test_a_palette_is_converted_by_its_profile(tmp_path: Path) -> None:
    result = saved(tmp_path / "a.png", palette_picture(clear=False), icc_profile=rgb_profile(ADOBE_RGB, 563 / 256))
    with opened(result) as image:
        assert differ_by(pixel(image, 10, 20), srgb_by_hand((200, 60, 50), ADOBE_RGB, 563 / 256)) <= 4


@pytest.mark.parametrize(("mode", "key"), [("L", 90), ("RGB", (90, 90, 90)), ("1", 0)])
def test_a_png_colour_key_is_clear(tmp_path: Path, mode: str, key: int | tuple[int, int, int]) -> None:
    result = saved(tmp_path / "a.png", Image.new(mode, SIZE, key), transparency=key)
    assert middle(result) == (255, 255, 255)


def test_black_and_white_is_shrunk_through_greys(tmp_path: Path) -> None:
    stripes = Image.new("1", (512, 512))
    for x in range(0, 512, 2):
        stripes.paste(1, (x, 0, x + 1, 512))
    assert differ_by(middle(saved(tmp_path / "a.png", stripes)), (128, 128, 128)) <= 3


@pytest.mark.parametrize("mode", ["LAB", "YCbCr"])
def test_rare_colour_spaces_become_srgb(tmp_path: Path, mode: str) -> None:
    source = picture(SIZE, colour=(180, 90, 60))
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(source, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
        assert converted is not None
        converted.info.clear()
    else:
        converted = source.convert(mode)
    assert differ_by(middle(saved(tmp_path / "a.tif", converted)), (180, 90, 60)) <= 4
