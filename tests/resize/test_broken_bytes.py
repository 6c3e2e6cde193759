"""Whatever the bytes, a photo is either resized or refused."""

import functools
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.photos import downloaded
from support.pictures import camera_exif, picture
from support.profiles import ADOBE_RGB, rgb_profile

from photopipe.errors import ItemError
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=20, max_height_px=20, max_pixels=1_000_000)
FORMATS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 60},
    "PNG": {},
    "WEBP": {"quality": 60},
    "TIFF": {},
    "TIFF deflate": {"compression": "tiff_adobe_deflate"},
    "HEIF": {},
}


@functools.cache
def sample(name: str) -> bytes:
    buffer = io.BytesIO()
    profile = rgb_profile(ADOBE_RGB, 2.2)
    exif = b"" if name == "TIFF deflate" else camera_exif(orientation=6).tobytes()  # libtiff cannot write it
    picture((40, 30), seed=1).save(
        buffer, name.removesuffix(" deflate"), exif=exif, icc_profile=profile, **FORMATS[name]
    )
    return buffer.getvalue()


def resized_or_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        result = resize(downloaded(path), SETTINGS)
    except ItemError:
        return
    assert max(result.rendition.width_px, result.rendition.height_px) <= 20


def fuzz(test: Any) -> Any:
    return settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])(test)


@pytest.mark.parametrize("name", FORMATS)
@fuzz
@given(share=st.floats(0, 1))
def test_a_file_cut_anywhere_is_resized_or_refused(tmp_path: Path, name: str, share: float) -> None:
    whole = sample(name)
    resized_or_refused(tmp_path / "a.jpg", whole[: int(len(whole) * share)])


@pytest.mark.parametrize("name", FORMATS)
@fuzz
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8))
def test_a_file_with_flipped_bytes_is_resized_or_refused(
    tmp_path: Path, name: str, flips: list[tuple[float, int]]
) -> None:
    data = bytearray(sample(name))
    for place, change in flips:
        data[int(place * len(data))] ^= change
    resized_or_refused(tmp_path / "a.jpg", bytes(data))
