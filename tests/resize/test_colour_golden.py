"""Colours against a floating point conversion without littleCMS: dE2000 at most 2, in the mean at most 1."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.delta_e import Floats, decoded, delta_e_2000, display_to_srgb, srgb_to_lab
from support.photos import downloaded, sent
from support.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    GENERIC_RGB,
    PROPHOTO,
    Lab,
    Xyz,
    cmyk_profile,
    grey_profile,
    rgb_profile,
)

from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

PNG = ResizeSettings(format="png")
PRESS_PROFILE = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")
STEPS = range(0, 256, 15)
GRID = np.array(list(itertools.product(STEPS, STEPS, STEPS)), dtype=np.uint8)
"""18 x 18 x 18 colours, a pixel each."""


def pixels(path: Path, settings: ResizeSettings = PNG) -> Floats:
    """The rendition's pixels, n x 3, 0 to 1."""
    result = resize(downloaded(path), settings)
    assert result.rendition.warnings == ()
    with Image.open(io.BytesIO(sent(result))) as image:
        return np.asarray(image.convert("RGB"), dtype=np.float64).reshape(-1, 3) / 255


def assert_near(got: Floats, wanted: Floats) -> None:
    """Both in Lab."""
    distance = delta_e_2000(got, wanted)
    assert distance.max() <= 2
    assert distance.mean() <= 1


def test_delta_e_is_the_papers() -> None:
    """Source: Sharma, Wu, Dalal 2005, table 1, pairs 1, 7, 10, 17, 20, 24, 30 and 34."""
    rows = [
        (50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425),
        (50, 0, 0, 50, -1, 2, 2.3669),
        (50, 2.49, -0.001, 50, -2.49, 0.0011, 7.2195),
        (50, 2.5, 0, 73, 25, -18, 27.1492),
        (50, 2.5, 0, 58, 24, 15, 19.4535),
        (50, 2.5, 0, 50, 3.2592, 0.335, 1.0000),
        (22.7233, 20.0904, -46.694, 23.0331, 14.973, -42.5619, 2.0373),
        (2.0776, 0.0795, -1.135, 0.9033, -0.0636, -0.5514, 0.9082),
    ]
    table = np.array(rows)
    assert np.abs(delta_e_2000(table[:, :3], table[:, 3:6]) - table[:, 6]).max() < 0.0001


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize(
    ("colorants", "gamma"),
    [(DISPLAY_P3, None), (ADOBE_RGB, 563 / 256), (PROPHOTO, 1.8), (GENERIC_RGB, 1.8)],
    ids=["Display P3", "Adobe RGB", "ProPhoto", "Generic RGB"],
)
def test_every_colour_that_srgb_has_is_right(
    tmp_path: Path, name: str, colorants: tuple[Xyz, Xyz, Xyz], gamma: float | None
) -> None:
    path = tmp_path / name
    Image.fromarray(GRID.reshape(81, 72, 3)).save(path, icc_profile=rgb_profile(colorants, gamma))
    linear = display_to_srgb(GRID / 255, colorants, round(gamma * 256) / 256 if gamma else None)
    shown = (linear >= -0.0005).all(axis=1) & (linear <= 1.0005).all(axis=1)
    assert shown.sum() > 500
    got = srgb_to_lab(decoded(pixels(path)))
    assert_near(got[shown], srgb_to_lab(linear.clip(0, 1))[shown])


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_every_grey_is_right(tmp_path: Path, gamma: float) -> None:
    levels = np.arange(256, dtype=np.uint8)
    Image.fromarray(levels.reshape(16, 16)).save(tmp_path / "a.png", icc_profile=grey_profile(gamma))
    light = np.repeat((levels / 255)[:, None] ** (round(gamma * 256) / 256), 3, axis=1)
    assert_near(srgb_to_lab(decoded(pixels(tmp_path / "a.png"))), srgb_to_lab(light))


def press(inks: tuple[int, ...]) -> Lab:
    """Inks a little like an offset press's, all within sRGB; black over anything is black."""
    cyan, magenta, yellow, black = inks
    if black:
        return 0, 0, 0
    return 100 - 25 * cyan - 30 * magenta - 6 * yellow, 30 * magenta - 18 * cyan, 45 * yellow - 25 * cyan


def test_all_full_inks_are_the_colours_of_their_profile(tmp_path: Path) -> None:
    inks = list(itertools.product((0, 1), repeat=4))
    image = Image.new("CMYK", (16, 1))
    image.putdata([tuple(255 * ink for ink in combination) for combination in inks])
    image.save(tmp_path / "a.tif", icc_profile=cmyk_profile(press))
    assert_near(srgb_to_lab(decoded(pixels(tmp_path / "a.tif"))), np.array([press(ink) for ink in inks], dtype=float))


@pytest.mark.parametrize("magenta", [0, 128, 255])
def test_half_inks_lie_between(tmp_path: Path, magenta: int) -> None:
    """Along an edge of the table every interpolation is linear."""
    image = Image.new("CMYK", (16, 16))
    image.putdata([(level, 0, 0, 0) if not magenta else (0, level * magenta // 255, 0, 0) for level in range(256)])
    image.save(tmp_path / "a.tif", icc_profile=cmyk_profile(press))
    amounts = [(level, 0) if not magenta else (0, level * magenta // 255) for level in range(256)]
    wanted = [(100 - 25 * c / 255 - 30 * m / 255, 30 * m / 255 - 18 * c / 255, -25 * c / 255) for c, m in amounts]
    assert_near(srgb_to_lab(decoded(pixels(tmp_path / "a.tif"))), np.array(wanted))


@pytest.mark.parametrize("out", ["jpeg", "webp", "avif"])
def test_colours_survive_lossy_formats(tmp_path: Path, out: str) -> None:
    """Flat fields, as large as a block of any of them."""
    colours = np.array([[60, 90, 160], [200, 120, 90], [120, 160, 110], [90, 90, 90]], dtype=np.uint8)
    field = np.repeat(np.repeat(colours[None], 64, axis=0), 64, axis=1)
    Image.fromarray(field).save(tmp_path / "a.png", icc_profile=rgb_profile(DISPLAY_P3, None))
    result = resize(downloaded(tmp_path / "a.png"), ResizeSettings(format=out, quality=95))
    with Image.open(io.BytesIO(sent(result))) as image:
        got = np.array([image.convert("RGB").getpixel((64 * n + 32, 32)) for n in range(4)], dtype=np.float64)
    wanted = srgb_to_lab(display_to_srgb(colours / 255, DISPLAY_P3, None))
    assert delta_e_2000(srgb_to_lab(decoded(got / 255)), wanted).max() <= 2


@pytest.mark.skipif(not PRESS_PROFILE.exists(), reason="needs the press profile that comes with Ghostscript")
def test_every_mixture_of_inks_of_a_real_press_is_right(tmp_path: Path) -> None:
    """Against littleCMS called directly, without its shortcuts."""
    profile, amounts = PRESS_PROFILE.read_bytes(), range(0, 256, 51)
    image = Image.new("CMYK", (36, 36))
    image.putdata(list(itertools.product(amounts, repeat=4)))
    image.save(tmp_path / "a.tif", icc_profile=profile)
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE
    press, screen = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    by_hand = ImageCms.profileToProfile(image, press, screen, ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB", flags=flags)
    assert by_hand is not None
    wanted = np.asarray(by_hand, dtype=np.float64).reshape(-1, 3) / 255
    assert_near(srgb_to_lab(decoded(pixels(tmp_path / "a.tif"))), srgb_to_lab(decoded(wanted)))
