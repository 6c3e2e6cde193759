"""The highest quality that fits a size limit, found in few tries."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.photos import downloaded, sent
from support.pictures import picture

from photopipe.errors import PhotoTooLarge
from photopipe.resize.output.encode import FORMATS, encode
from photopipe.resize.output.jpeg import write_jpeg
from photopipe.resize.output.max_bytes import LOWEST_QUALITY, fit_max_bytes
from photopipe.resize.output.output_format import Attachments
from photopipe.resize.resize import resize
from photopipe.settings import OutputFormat, ResizeSettings

MOST_TRIES = 8


def busy(size: tuple[int, int] = (320, 240)) -> Image.Image:
    image = picture(size, seed=11)
    grain = Image.radial_gradient("L").resize((16, 16)).resize(size)
    for x in range(0, size[0], 16):
        image.paste((x % 256, 90, 30), (x, 0, x + 3, size[1]), grain.crop((x, 0, x + 3, size[1])))
    return image


@given(st.lists(st.integers(0, 3), min_size=95, max_size=95), st.integers(1, 95), st.integers(0, 300))
def test_it_is_the_highest_quality_that_fits_and_takes_few_tries(steps: list[int], quality: int, limit: int) -> None:
    sizes = [sum(steps[: number + 1]) for number in range(95)]
    tried: list[int] = []

    def write(number: int) -> bytes:
        tried.append(number)
        return number.to_bytes(1, "big") * sizes[number - 1]

    lowest = min(quality, LOWEST_QUALITY)
    fitting = [number for number in range(lowest, quality + 1) if sizes[number - 1] <= limit]
    if fitting:
        assert fit_max_bytes(write, quality, limit) == fitting[-1].to_bytes(1, "big") * sizes[fitting[-1] - 1]
    else:
        with pytest.raises(PhotoTooLarge):
            fit_max_bytes(write, quality, limit)
    assert len(tried) == len(set(tried)) <= MOST_TRIES


@pytest.mark.parametrize("out", ["jpeg", "webp", "avif"])
def test_one_more_step_of_quality_would_not_fit(out: OutputFormat) -> None:
    image, attached = busy(), Attachments()

    def written(quality: int) -> bytes:
        file = io.BytesIO()
        (FORMATS[out].write_small or FORMATS[out].write)(file, image, quality, attached)
        return file.getvalue()

    limit = (len(written(40)) + len(written(85))) // 2
    data = encode(image, ResizeSettings(format=out, max_bytes=limit), FORMATS[out], attached).data
    all_that_fit = [quality for quality in range(LOWEST_QUALITY, 86) if len(written(quality)) <= limit]
    assert data == written(all_that_fit[-1])
    assert len(data) <= limit < len(written(all_that_fit[-1] + 1))


def test_a_photo_that_fits_anyway_keeps_its_quality(tmp_path: Path) -> None:
    busy().save(tmp_path / "a.png")
    free = sent(resize(downloaded(tmp_path / "a.png"), ResizeSettings()))
    rationed = sent(resize(downloaded(tmp_path / "a.png"), ResizeSettings(max_bytes=10_000_000)))
    with Image.open(io.BytesIO(free)) as one, Image.open(io.BytesIO(rationed)) as other:
        assert one.tobytes() == other.tobytes()


def test_metadata_counts(tmp_path: Path) -> None:
    attached = Attachments(xmp=b"x" * 30_000)
    data = encode(busy(), ResizeSettings(max_bytes=40_000), FORMATS["jpeg"], attached).data
    assert 30_000 < len(data) <= 40_000


def test_a_photo_that_never_fits_is_refused_with_sizes_and_advice(tmp_path: Path) -> None:
    busy().save(tmp_path / "a.png")
    with pytest.raises(PhotoTooLarge) as caught:
        resize(downloaded(tmp_path / "a.png"), ResizeSettings(max_bytes=1000))
    file = io.BytesIO()
    write_jpeg(file, busy(), LOWEST_QUALITY, Attachments(icc=_srgb()), progressive=True)
    smallest = len(file.getvalue())
    assert f"it takes {smallest} bytes even at quality 30" in str(caught.value)
    assert "the limit is 1000" in str(caught.value)
    assert "make the picture smaller" in str(caught.value)


def _srgb() -> bytes:
    from photopipe.resize.colour.transform import SRGB_PROFILE

    return SRGB_PROFILE


def test_a_png_has_no_quality_to_lower() -> None:
    settings = ResizeSettings(format="png", max_bytes=1000)
    with pytest.raises(PhotoTooLarge, match="as png, which has no quality to lower"):
        encode(busy(), settings, FORMATS[settings.format], Attachments())


def test_a_quality_below_the_floor_is_tried_once() -> None:
    with pytest.raises(PhotoTooLarge, match="even at quality 12"):
        fit_max_bytes(lambda quality: b"x" * (100 + quality), 12, 50)
    assert fit_max_bytes(lambda quality: b"x" * quality, 12, 50) == b"x" * 12
