"""Camera RAW: recognised by content, upright, from the preview or developed; and a clear message without rawpy."""

import io
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.photos import downloaded, sent
from support.pictures import BLOCKS, SIDES, card_colours, differ_by, orientation_card, picture
from support.raw_files import jpeg_bytes, make_dng

from photopipe.errors import DecoderMissing, ItemError, PhotoTooLarge, PhotoUnreadable
from photopipe.files.kinds import kind_of
from photopipe.photo import ResizedPhoto
from photopipe.resize.decoders.decoders import advice
from photopipe.resize.raw.raw_tiff import is_raw
from photopipe.resize.resize import resize
from photopipe.settings import RawPolicy, ResizeSettings

SMALL = {"max_width_px": 96, "max_height_px": 96}
MARK = (250, 0, 250)


def needs_rawpy() -> None:
    pytest.importorskip("rawpy", reason="extra `raw` is not installed")


def large_card(orientation: int) -> Image.Image:
    card = orientation_card(orientation)
    return card.resize((card.width * 2, card.height * 2), Image.Resampling.NEAREST)


def out(path: Path, data: bytes, raw: RawPolicy = "preview", **box: Any) -> tuple[Image.Image, ResizedPhoto]:
    path.write_bytes(data)
    result = resize(downloaded(path), ResizeSettings(raw=raw, **box))
    return Image.open(io.BytesIO(sent(result)), formats=["JPEG"]), result


def is_card(image: Image.Image) -> bool:
    """LibRaw makes a developed picture brighter than it was, so the colours are only nearly the card's."""
    pairs = zip(card_colours(image), BLOCKS, strict=True)
    return all(differ_by(one, other) <= 40 for row, wanted in pairs for one, other in zip(row, wanted, strict=True))


def is_marked(image: Image.Image) -> bool:
    red, green, blue = image.convert("RGB").getpixel((image.width // 2, image.height // 2))  # type: ignore[misc]  # RGB
    return differ_by((red, green, blue), MARK) < 20


def marked(size: tuple[int, int]) -> bytes:
    return jpeg_bytes(Image.new("RGB", size, MARK))


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("box", [SMALL, {}])
def test_a_raw_is_developed_and_upright(tmp_path: Path, orientation: int, box: dict[str, Any]) -> None:
    needs_rawpy()
    image, result = out(tmp_path / "a.dng", make_dng(large_card(orientation), orientation=orientation), **box)
    assert image.size == ((96, 64) if box else (192, 128))
    assert is_card(image)
    assert image.getexif().get(274, 1) == 1
    assert result.rendition.taken_at == "2024-05-01T12:33:10"


@pytest.mark.parametrize("orientation", SIDES)
def test_a_preview_as_the_sensor_lay_is_turned(tmp_path: Path, orientation: int) -> None:
    needs_rawpy()
    card = large_card(orientation)
    raw = make_dng(Image.new("RGB", card.size, MARK), orientation=orientation, preview=jpeg_bytes(card))
    image, result = out(tmp_path / "a.dng", raw)
    assert is_card(image)
    assert result.rendition.taken_at == "2024-05-01T12:33:10"


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_preview_that_is_upright_already_is_not_turned_again(tmp_path: Path, orientation: int) -> None:
    needs_rawpy()
    preview = jpeg_bytes(large_card(1))
    sensor = Image.new("RGB", large_card(orientation).size, MARK)
    assert is_card(out(tmp_path / "a.dng", make_dng(sensor, orientation=orientation, preview=preview))[0])


def test_a_preview_that_says_itself_how_it_lies_is_believed(tmp_path: Path) -> None:
    needs_rawpy()
    exif = Image.Exif()
    exif[274] = 1
    written = jpeg_bytes(large_card(1), exif=exif.tobytes())
    preview = written[:2] + written[20:]  # without JFIF, as cameras write it
    assert preview[6:10] == b"Exif"
    sensor = Image.new("RGB", large_card(3).size, MARK)
    assert is_card(out(tmp_path / "a.dng", make_dng(sensor, orientation=3, preview=preview))[0])


def test_a_preview_is_taken_if_it_is_large_enough(tmp_path: Path) -> None:
    needs_rawpy()
    sensor = picture((400, 300))
    cases: list[tuple[tuple[int, int], dict[str, Any], bool]] = [
        ((400, 300), {}, True),
        ((380, 285), {}, True),  # cameras crop the edges
        ((200, 150), {}, False),
        ((200, 150), {"max_width_px": 200, "max_height_px": 200}, True),
        ((160, 120), {"max_width_px": 200, "max_height_px": 200}, False),
    ]
    for size, box, taken in cases:
        image, _ = out(tmp_path / "a.dng", make_dng(sensor, preview=marked(size)), **box)
        assert is_marked(image) is taken, (size, box)


def test_the_settings_can_ask_for_development(tmp_path: Path) -> None:
    needs_rawpy()
    raw = make_dng(large_card(1), preview=marked((192, 128)))
    assert is_marked(out(tmp_path / "a.dng", raw)[0])
    assert is_card(out(tmp_path / "a.dng", raw, "develop")[0])


def test_the_settings_can_leave_raw_files_out(tmp_path: Path) -> None:
    with pytest.raises(ItemError, match="left out") as caught:
        out(tmp_path / "a.dng", make_dng(large_card(1)), "skip")
    assert not caught.value.permanent


@pytest.mark.parametrize("preview", [b"", b"\xff\xd8\xff\xd9", b"no jpeg at all"])
def test_a_broken_preview_is_none(tmp_path: Path, preview: bytes) -> None:
    needs_rawpy()
    raw = make_dng(large_card(1), preview=jpeg_bytes(large_card(1)))
    at = raw.index(b"\xff\xd8\xff")
    end = raw.index(b"\xff\xd9", at) + 2
    assert is_card(out(tmp_path / "a.dng", raw[:at] + preview.ljust(end - at, b"\0") + raw[end:])[0])


@pytest.mark.parametrize("name", ["a.dng", "a.tif", "a.jpg", "a.nef"])
@pytest.mark.parametrize("dng", [True, False])
def test_a_raw_is_told_by_its_content_and_is_never_its_thumbnail(tmp_path: Path, name: str, dng: bool) -> None:
    needs_rawpy()
    image, _ = out(tmp_path / name, make_dng(large_card(1), dng=dng))
    assert image.size == (192, 128)


@pytest.mark.parametrize("options", [{}, {"compression": "jpeg"}, {"big_tiff": True}])
def test_a_plain_tiff_with_a_cameras_name_is_no_raw(tmp_path: Path, options: dict[str, Any]) -> None:
    exif = Image.Exif()
    exif[271] = "NIKON CORPORATION"
    picture((64, 48)).save(tmp_path / "a.tif", exif=exif, save_all=True, append_images=[picture((640, 480))], **options)
    with open(tmp_path / "a.tif", "rb") as file:
        assert not is_raw(file)
    assert out(tmp_path / "b.nef", (tmp_path / "a.tif").read_bytes())[0].size == (64, 48)


def test_a_raw_that_ends_early_is_refused(tmp_path: Path) -> None:
    needs_rawpy()
    raw = make_dng(large_card(1))
    length = (192 * 128 * 2).to_bytes(4, "little")
    at = raw.rindex(length)  # its directory comes after the data, where cameras put it before
    with pytest.raises(PhotoUnreadable, match="the file ends early"):
        out(tmp_path / "a.dng", raw[:at] + (192 * 128 * 4).to_bytes(4, "little") + raw[at + 4 :])


def test_a_raw_libraw_does_not_know_is_refused(tmp_path: Path) -> None:
    needs_rawpy()
    for beginning in (
        b"FUJIFILMCCD-RAW ",
        b"II\x1a\0\0\0HEAPCCDR",
        b"IIRO\x08\0\0\0",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
    ):
        kind = kind_of(beginning)
        assert kind
        assert kind.name == "RAW"
        with pytest.raises(PhotoUnreadable):
            out(tmp_path / "a.raf", beginning + bytes(4000))


def test_the_limit_of_pixels_holds_for_the_sensor(tmp_path: Path) -> None:
    needs_rawpy()
    with pytest.raises(PhotoTooLarge):
        out(tmp_path / "a.dng", make_dng(large_card(1)), max_pixels=192 * 128 - 1)


def test_without_rawpy_a_raw_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(DecoderMissing, match=r"Install `photopipe\[raw\]`") as caught:
        out(tmp_path / "a.dng", make_dng(large_card(1)))
    assert not caught.value.permanent
    assert caught.value.reason == "decoder_missing"


def test_missing_decoders_are_one_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    assert advice([".jpg", ".heic"]) == []
    assert advice([".nef", ".jpg", ".cr2", ".jxl", ".nef"]) == [
        "camera RAW files (.cr2, .nef) are left alone: they need `rawpy`. Install `photopipe[raw]`.",
        "JPEG XL files (.jxl) are left alone: they need `pillow_jxl`. Install `photopipe[jxl]`.",
    ]


def test_decoders_that_are_there_are_not_missing() -> None:
    needs_rawpy()
    assert advice([".nef"]) == []
    assert advice([]) == []


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """A TIFF of one directory."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x10\0\0\0" + bytes(8) + struct.pack("<H", len(entries)) + rows + bytes(4)


def test_the_marks_of_each_make_are_known() -> None:
    size = ((256, 4, 1, 6000), (257, 4, 1, 4000))
    plain = directory(*size, (259, 3, 1, 1), (262, 3, 1, 2))
    assert not is_raw(io.BytesIO(plain))
    assert is_raw(io.BytesIO(plain[:8] + b"CR\2\0" + plain[12:])), "Canon CR2"
    for compression in (34713, 32767, 65000):
        assert is_raw(io.BytesIO(directory(*size, (259, 3, 1, compression)))), "Nikon, Sony, Kodak"
    for photometric in (32803, 34892):
        assert is_raw(io.BytesIO(directory(*size, (262, 3, 1, photometric)))), "colour filter, linear RAW"
    assert is_raw(io.BytesIO(directory(*size, (50706, 1, 4, 0x0401)))), "DNG"
    assert is_raw(io.BytesIO(directory((254, 4, 1, 1), *size, (271, 2, 4, 0x656D6341)))), (
        "a camera's thumbnail comes first"
    )
    assert not is_raw(io.BytesIO(directory((254, 4, 1, 0), *size, (271, 2, 4, 0x656D6341))))
