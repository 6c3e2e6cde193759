"""Resampling, with either library: the same picture, of exactly the requested size."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.pictures import picture

from photopipe.resize.pixels import resample as module
from photopipe.resize.pixels.resample import VECTORED, cykooz_resizer, resample, shrink

LEVELS = 3
"""By how much the two libraries may differ on soft pictures: Pillow rounds between rows and columns."""
DEADLINE_S = 100
GOLDEN = ("test_resize_shape.py", "test_colour_golden.py", "test_renditions.py", "test_formats_out.py", "test_jpeg.py")


def needs_both() -> None:
    if cykooz_resizer() is None:
        pytest.skip("cykooz-resizer is not installed")


def soft(size: tuple[int, int], mode: str) -> Image.Image:
    plain = picture(size, seed=7).filter(ImageFilter.GaussianBlur(2))
    if mode == "RGBA":
        plain.putalpha(plain.getchannel("G"))
        return plain
    return Image.frombuffer("RGBX", size, plain.tobytes("raw", "RGBX")) if mode == "RGBX" else plain.convert(mode)


@pytest.mark.parametrize("mode", sorted(VECTORED))
@pytest.mark.parametrize("size", [(200, 150), (37, 90), (1, 1), (640, 480), (900, 700)])
def test_both_libraries_give_the_same_picture(
    mode: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_both()
    image, box = soft((640, 480), mode), (3.25, 0.5, 633.0, 479.75)
    fast = resample(image, size, box)
    monkeypatch.setattr(module, "cykooz_resizer", lambda: None)
    monkeypatch.setattr(module, "REDUCING_GAP", None)  # on its own, Pillow saves time and differs by a little more
    slow = resample(image, size, box)
    assert (fast.mode, fast.size) == (slow.mode, slow.size) == ("RGB" if mode == "RGBX" else mode, size)
    assert max(ImageStat.Stat(ImageChops.difference(fast, slow)).mean) < 1.5
    if mode != "RGBA":  # where alpha is nearly nothing, colours mean nothing
        assert max(high for _, high in extrema(ImageChops.difference(fast, slow))) <= LEVELS


def extrema(image: Image.Image) -> list[tuple[float, float]]:
    return [image.getchannel(band).getextrema() for band in image.getbands()]  # type: ignore[misc]  # one band has two


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 90), st.integers(1, 90), st.floats(0, 0.4))
def test_any_size_from_any_size(width_px: int, height_px: int, wide_px: int, high_px: int, cut: float) -> None:
    box = (
        cut * width_px / 2,
        0.0,
        width_px + 1e-9,
        height_px + 1e-9,
    )  # slightly outside, as floating point may leave it
    made = resample(Image.new("RGB", (width_px, height_px), (200, 30, 40)), (wide_px, high_px), box)
    assert made.size == (wide_px, high_px)
    assert made.getcolors() == [(wide_px * high_px, (200, 30, 40))]


def test_what_is_hidden_does_not_shine_through() -> None:
    image = Image.new("RGBA", (400, 300), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 200, 300))
    for x in range(200):
        red, _, _, alpha = resample(image, (200, 150), (0, 0, 400, 300)).getpixel((x, 70))  # type: ignore[misc]  # four
        assert alpha == 0 or red <= 2


def test_the_source_is_left_as_it_was() -> None:
    image = soft((64, 48), "RGBX")
    before = image.tobytes()
    resample(image, (10, 10), (0, 0, 64, 48))
    assert (image.mode, image.tobytes()) == ("RGBX", before)


def test_pictures_larger_than_one_block_of_memory() -> None:
    image = soft((320, 240), "RGB").resize((6000, 4500))  # 108 MB; Pillow's blocks have 16
    small = resample(image, (320, 240), (0, 0, 6000, 4500))
    assert max(ImageStat.Stat(ImageChops.difference(small, soft((320, 240), "RGB"))).mean) < 1


def test_threads_give_the_same_bytes() -> None:
    image = soft((640, 480), "RGB")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: resample(image, (201, 99), (0, 0, 640, 480)).tobytes(), range(16)))
    assert set(made) == {made[0]}


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_grey_is_the_same_strip_by_strip(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = soft((97, 61), "L").convert("I").point(lambda value: value * 256 + 7).convert(mode)
    whole = shrink(deep, (97, 61), (0, 0, 97, 61)).tobytes()
    monkeypatch.setattr(module, "STRIP_PIXELS", 97 * 5 + 3)
    assert shrink(deep, (97, 61), (0, 0, 97, 61)).tobytes() == whole
    assert max(abs(a - b) for a, b in zip(whole, soft((97, 61), "L").tobytes(), strict=True)) <= 1


@pytest.mark.campaign
@pytest.mark.parametrize("missing", [["cykooz_resizer"], ["cykooz_resizer", "simplejpeg"]])
def test_the_golden_tests_pass_where_libraries_are_not_installed(missing: list[str]) -> None:
    """In a process of its own, in which they cannot be imported."""
    program = (
        f"import sys, pytest; sys.modules.update(dict.fromkeys({missing}));"
        "options = ['-q', '-p', 'no:cacheprovider', '-o', 'addopts=--import-mode=importlib'];"
        "sys.exit(pytest.main([*options, *sys.argv[1:]]))"
    )
    files = [str(Path(__file__).with_name(name)) for name in GOLDEN]
    done = subprocess.run(
        [sys.executable, "-c", program, *files], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
