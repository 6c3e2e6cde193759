"""JPEG XL, with the extra `jxl`."""

import io
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.photos import downloaded, sent
from support.pictures import BLOCKS, card_colours, differ_by, orientation_card, picture

from photopipe.errors import DecoderMissing, PhotoTooLarge, PhotoUnreadable
from photopipe.resize.input.header_claims import header_claims
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings


def jxl(image: Image.Image, **options: Any) -> bytes:
    pytest.importorskip("pillow_jxl", reason="extra `jxl` is not installed")
    buffer = io.BytesIO()
    image.save(buffer, "JXL", **options)
    return buffer.getvalue()


def out(path: Path, data: bytes, **settings: Any) -> Image.Image:
    path.write_bytes(data)
    return Image.open(io.BytesIO(sent(resize(downloaded(path), ResizeSettings(**settings)))), formats=["JPEG"])


def assert_card(image: Image.Image) -> None:
    for row, wanted_row in zip(card_colours(image), BLOCKS, strict=True):
        assert all(differ_by(colour, wanted) <= 16 for colour, wanted in zip(row, wanted_row, strict=True))


@pytest.mark.parametrize("options", [{"quality": 95}, {"lossless": True}, {"use_container": True}])
def test_a_jpeg_xl_comes_out_as_it_was(tmp_path: Path, options: dict[str, Any]) -> None:
    assert_card(out(tmp_path / "a.jpg", jxl(orientation_card(), **options)))


def test_the_orientation_in_its_exif_does_not_count(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Acme"
    image = out(tmp_path / "a.jxl", jxl(orientation_card(), exif=exif.tobytes(), use_container=True))
    assert_card(image)
    assert image.getexif().get(271) == "Acme"


def test_a_jpeg_inside_a_jpeg_xl_is_turned_by_its_own_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    orientation_card(6).save(tmp_path / "a.jpg", quality=95, exif=exif)
    with Image.open(tmp_path / "a.jpg") as source:
        data = jxl(source, lossless_jpeg=True)
    assert_card(out(tmp_path / "a.jxl", data))


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (256, 256), (320, 240), (300, 200), (4000, 3), (3, 4000), (641, 480)])
@pytest.mark.parametrize("options", [{}, {"use_container": True}])
def test_the_size_is_read_from_the_header(size: tuple[int, int], options: dict[str, Any]) -> None:
    assert header_claims("JXL", io.BytesIO(jxl(Image.new("L", size), **options))).sizes == (size,)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    pytest.importorskip("pillow_jxl", reason="extra `jxl` is not installed")
    bits = 0 | 3 << 1 | (2**28 - 1) << 3 | 1 << 33  # not in eights, 30 bits of height, as wide as high
    (tmp_path / "a.jxl").write_bytes(b"\xff\x0a" + struct.pack("<Q", bits) + bytes(200))
    with pytest.raises(PhotoTooLarge, match="268435456 x 268435456"):
        resize(downloaded(tmp_path / "a.jxl"), ResizeSettings())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_jpeg_xl_is_refused(tmp_path: Path, share: float) -> None:
    data = jxl(picture())
    with pytest.raises(PhotoUnreadable):
        out(tmp_path / "a.jxl", data[: int(len(data) * share)])


def test_without_its_decoder_a_jpeg_xl_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    with pytest.raises(DecoderMissing, match=r"Install `photopipe\[jxl\]`"):
        out(tmp_path / "a.jxl", b"\xff\x0a" + bytes(100))
