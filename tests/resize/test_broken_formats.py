"""Whatever the bytes, a photo of any kind is resized or refused, and quickly; continues `test_broken_bytes.py`."""

import functools
import importlib.util
import io
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import HeifImageFile
from support.heif_boxes import clap, with_property
from support.photos import downloaded
from support.pictures import camera_exif, picture
from support.raw_files import jpeg_bytes, make_dng

from photopipe.errors import ItemError
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=20, max_height_px=20, max_pixels=1_000_000)
MOST_S = 10.0
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "AVIF": ("AVIF", {"quality": 60}),
    "AVIF crop": ("AVIF", {"quality": 60}),
    "AVIF sequence": ("AVIF", {"quality": 60, "save_all": True}),
    "GIF": ("GIF", {}),
    "GIF animation": ("GIF", {"save_all": True}),
    "WebP animation": ("WEBP", {"save_all": True}),
    "PNG animation": ("PNG", {"save_all": True}),
    "BMP": ("BMP", {}),
    "JP2": ("JPEG2000", {}),
    "J2K": ("JPEG2000", {"no_jp2": True, "tile_size": (16, 16), "quality_layers": [20, 5]}),
    "JPEG progressive": ("JPEG", {"progressive": True}),
    "MPO": ("MPO", {"save_all": True}),
    "TIFF LZW": ("TIFF", {"compression": "tiff_lzw"}),
    "TIFF JPEG": ("TIFF", {"compression": "jpeg"}),
    "TIFF pages": ("TIFF", {"save_all": True}),
    "HEIF grid": ("HEIF", {"tile_size": 16}),
    "DNG": ("DNG", {}),
    "DNG preview": ("DNG", {}),
    "JXL": ("JXL", {}),
    "JXL boxed": ("JXL", {"use_container": True}),
}
NEEDED = {"DNG": "rawpy", "JXL": "pillow_jxl"}
HERE = [name for name, (kind, _) in FORMATS.items() if kind not in NEEDED or importlib.util.find_spec(NEEDED[kind])]


@functools.cache
def sample(name: str) -> bytes:
    kind, options = FORMATS[name]
    if kind == "JXL":
        importlib.import_module("pillow_jxl")  # registers the format
    image = picture((40, 30), seed=1)
    if kind == "DNG":
        return make_dng(image, orientation=6, preview=jpeg_bytes(image) if name == "DNG preview" else None)
    more: dict[str, Any] = {"append_images": [picture((40, 30), seed=2)]} if "save_all" in options else {}
    if kind not in ("TIFF", "GIF", "BMP", "JPEG2000") and name != "AVIF sequence":  # Pillow 13 crashes writing that
        more["exif"] = camera_exif(orientation=6).tobytes()
    buffer = io.BytesIO()
    image.save(buffer, kind, **options, **more)
    return with_property(buffer.getvalue(), clap(20, 20, 2, 2)) if name == "AVIF crop" else buffer.getvalue()


def resized_or_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    begun = time.process_time()
    try:
        result = resize(downloaded(path), SETTINGS)
    except ItemError:
        return
    finally:
        assert time.process_time() - begun < MOST_S
    assert max(result.rendition.width_px, result.rendition.height_px) <= 20


def fuzz(test: Any) -> Any:
    return settings(max_examples=40, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])(test)


@pytest.mark.parametrize("name", HERE)
def test_the_sample_itself_is_resized(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jpg").write_bytes(sample(name))
    assert resize(downloaded(tmp_path / "a.jpg"), SETTINGS).rendition.width_px > 0
    assert Image.MAX_IMAGE_PIXELS is None


@pytest.mark.parametrize("name", HERE)
@fuzz
@given(share=st.floats(0, 1))
def test_a_file_of_this_kind_cut_anywhere_is_resized_or_refused(tmp_path: Path, name: str, share: float) -> None:
    whole = sample(name)
    resized_or_refused(tmp_path / "a.jpg", whole[: int(len(whole) * share)])


@pytest.mark.parametrize("name", HERE)
@fuzz
@given(
    # the first kilobyte holds most headers: half of the changes go there
    flips=st.lists(
        st.tuples(st.booleans(), st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8
    )
)
def test_a_file_of_this_kind_with_flipped_bytes_is_resized_or_refused(
    tmp_path: Path, name: str, flips: list[tuple[bool, float, int]]
) -> None:
    data = bytearray(sample(name))
    for in_header, place, change in flips:
        data[int(place * (min(1024, len(data)) if in_header else len(data)))] ^= change
    resized_or_refused(tmp_path / "a.jpg", bytes(data))


MENDED = ("MPO", "AVIF", "AVIF crop", "AVIF sequence", "DNG", "DNG preview", "JXL", "JXL boxed")
"""Kinds of which we read more than Pillow does: a broken list of pictures, EXIF block or first brand costs no photo."""


def decoder_refuses(kind: str, data: bytes) -> bool:
    """Whether the decoder alone refuses the first picture.

    Pillow finds HEIF by the first brand alone; photopipe and libheif go by the others too.
    """
    opener = HeifImageFile if kind == "HEIF" else Image.open
    try:
        with opener(io.BytesIO(data)) as image:
            image.load()
    except Exception:
        return True
    return False


@pytest.mark.parametrize("name", [name for name in HERE if name not in MENDED])
@fuzz
@given(
    share=st.one_of(st.just(1.0), st.floats(0, 1)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
)
@example(share=1.0, flips=[(0.005859375, 1)])
def test_what_the_decoder_refuses_never_passes_as_good(
    tmp_path: Path, name: str, share: float, flips: list[tuple[float, int]]
) -> None:
    whole = bytearray(sample(name))
    for place, change in flips:
        whole[int(place * len(whole))] ^= change
    data = bytes(whole[: int(len(whole) * share)])
    (tmp_path / "a.jpg").write_bytes(data)
    try:
        resize(downloaded(tmp_path / "a.jpg"), SETTINGS)
    except ItemError:
        return  # the decoder is not asked: for a header that claims too much it takes minutes
    assert not decoder_refuses(FORMATS[name][0], data)
