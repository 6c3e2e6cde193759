"""Headers are checked against the limits before a decoder allocates memory for them."""

import gc
import io
import resource
import struct
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.photos import downloaded
from support.pictures import picture
from support.raw_files import make_dng

from photopipe.errors import ItemError, PhotoTooLarge, PhotoUnreadable
from photopipe.resize.containers.iso_boxes import boxes
from photopipe.resize.containers.tiff_directory import directories
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.raw.raw_tiff import is_raw, pages
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=100, max_height_px=100)
MOST_S = 5.0
MOST_BYTES = 150_000_000


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or picture((64, 48))).save(buffer, kind, **options)
    return buffer.getvalue()


def refusal(path: Path, data: bytes, settings: ResizeSettings = SETTINGS) -> ItemError:
    """The error, after checking that neither time nor memory was spent."""
    path.write_bytes(data)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(ItemError) as caught:
        resize(downloaded(path), settings)
    assert time.process_time() - begun < MOST_S
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_BYTES
    return caught.value


def replaced(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def huge_gif() -> bytes:
    return replaced(saved("GIF"), 6, struct.pack("<HH", 65_535, 65_535))


def huge_bmp() -> bytes:
    return replaced(saved("BMP"), 18, struct.pack("<ii", 100_000, 100_000))


def huge_webp() -> bytes:
    whole = saved(
        "WEBP", Image.new("RGBA", (64, 48), (1, 2, 3, 4)), lossless=False, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"
    )
    assert whole[12:16] == b"VP8X"
    return replaced(whole, 24, (99_999).to_bytes(3, "little") + (99_999).to_bytes(3, "little"))


def huge_tiff() -> bytes:
    data = saved("TIFF")
    at = data.index(struct.pack("<HHI", 256, 4, 1))
    return replaced(data, at, struct.pack("<HHIIHHII", 256, 4, 1, 100_000, 257, 4, 1, 100_000))


def huge_tile() -> bytes:
    data = saved("TIFF", compression="tiff_lzw")
    for old, new, value in ((273, 324, None), (278, 322, 60_000), (279, 325, None)):
        at = next(
            at for at in range(len(data)) if data[at : at + 2] == struct.pack("<H", old) and data[at + 2] in (3, 4)
        )
        data = replaced(data, at, struct.pack("<H", new))
        if value:
            data = replaced(data, at + 2, struct.pack("<HII", 4, 1, value))
    at = data.index(struct.pack("<HH", 277, 3))
    return replaced(data, at, struct.pack("<HHII", 323, 4, 1, 60_000))


def huge_avif() -> bytes:
    data = saved("AVIF")
    return replaced(data, data.index(b"ispe") + 8, struct.pack(">II", 30_000, 30_000))


def huge_heif() -> bytes:
    data = saved("HEIF")
    return replaced(data, data.index(b"ispe") + 8, struct.pack(">II", 30_000, 30_000))


def huge_dng() -> bytes:
    data = make_dng(picture((64, 48)))
    at = data.index(struct.pack("<HHII", 256, 4, 1, 64))
    return replaced(data, at, struct.pack("<HHIIHHII", 256, 4, 1, 60_000, 257, 4, 1, 60_000))


def codestream(width_px: int, height_px: int, tile_px: int = 0, components: int = 3) -> bytes:
    """A JPEG 2000 codestream that begins correctly, and has only one empty tile after its headers."""
    tile = (tile_px or width_px, tile_px or height_px)
    siz = struct.pack(">H8IH", 0, width_px, height_px, 0, 0, *tile, 0, 0, components) + b"\x07\x01\x01" * components
    cod = b"\x00\x00\x00\x01\x01\x05\x04\x04\x00\x01"
    qcd = b"\x40" + bytes([0x40] * 16)
    parts = [(0xFF51, siz), (0xFF52, cod), (0xFF5C, qcd)]
    head = b"".join(struct.pack(">HH", marker, len(body) + 2) + body for marker, body in parts)
    return b"\xff\x4f" + head + struct.pack(">HHHIBB", 0xFF90, 10, 0, 14, 0, 1) + b"\xff\x93" + b"\xff\xd9"


def in_jp2(stream: bytes, width_px: int, height_px: int, components: int = 3) -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(body), kind) + body

    header = box(b"ihdr", struct.pack(">IIHBBBB", height_px, width_px, components, 7, 7, 0, 0))
    header += box(b"colr", struct.pack(">BBBI", 1, 0, 0, 16))
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + box(b"jp2h", header) + box(b"jp2c", stream)


BOMBS = [huge_gif, huge_bmp, huge_webp, huge_tiff, huge_tile, huge_avif, huge_heif, huge_dng]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_a_bomb_of_any_kind_is_refused_by_its_header(tmp_path: Path, bomb: Any) -> None:
    refusal(tmp_path / "a.jpg", bomb())


@pytest.mark.parametrize("name", ["huge_gif", "huge_bmp", "huge_webp", "huge_tiff", "huge_tile"])
def test_a_bomb_is_called_too_large(tmp_path: Path, name: str) -> None:
    assert isinstance(refusal(tmp_path / "a.jpg", globals()[name]()), PhotoTooLarge)


@pytest.mark.parametrize("side", [10_000, 15_000, 17_000])
def test_two_hundred_bytes_of_jpeg_2000_cannot_ask_for_two_gigabytes(tmp_path: Path, side: int) -> None:
    stream = codestream(side, side)
    assert len(stream) < 211
    for data in (stream, in_jp2(stream, side, side)):
        error = refusal(tmp_path / "a.jp2", data)
        assert isinstance(error, PhotoTooLarge)
        assert "bytes cannot hold" in str(error)


def test_what_the_outer_header_of_a_jpeg_2000_says_does_not_count(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "a.jp2", in_jp2(codestream(15_000, 15_000), 64, 64)), PhotoTooLarge)
    small = refusal(tmp_path / "a.jp2", in_jp2(codestream(64, 64), 640, 480))
    assert "one header claims 640 x 480 pixels, another 64 x 64" in str(small)


def test_a_jpeg_2000_of_countless_tiles_or_colours_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "a.j2k", codestream(2000, 2000, tile_px=1)), PhotoTooLarge)
    assert isinstance(refusal(tmp_path / "a.j2k", codestream(64, 64, components=16_000)), PhotoUnreadable)


def test_an_empty_white_page_is_no_bomb(tmp_path: Path) -> None:
    (tmp_path / "a.jp2").write_bytes(saved("JPEG2000", Image.new("L", (3000, 2000), "white")))
    assert resize(downloaded(tmp_path / "a.jp2"), SETTINGS).rendition.width_px == 100


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}, {"tile_size": (32, 32)}, {"quality_layers": [40, 20, 5]}])
def test_a_jpeg_2000_cut_anywhere_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    whole = saved("JPEG2000", **options)
    for cut in (*range(1, 20), *range(20, len(whole), 97)):
        (tmp_path / "a.jp2").write_bytes(whole[:-cut])
        with pytest.raises(PhotoUnreadable):
            resize(downloaded(tmp_path / "a.jp2"), SETTINGS)


def test_a_progressive_jpeg_of_countless_scans_is_refused(tmp_path: Path) -> None:
    whole = saved("JPEG", picture((640, 480)), progressive=True)
    scan = whole.rindex(b"\xff\xda")
    again = whole[scan:-2]
    data = whole[:-2] + again * (3_000_000 // len(again)) + whole[-2:]
    assert "scans" in str(refusal(tmp_path / "a.jpg", data))


def test_scans_are_counted_to_the_end_of_the_picture_and_not_in_the_video_behind_it(tmp_path: Path) -> None:
    whole = saved("JPEG", picture((640, 480)), progressive=True)
    (tmp_path / "a.jpg").write_bytes(whole + b"\xff\xda" * 1000)
    assert resize(downloaded(tmp_path / "a.jpg"), SETTINGS).rendition.width_px == 100


@pytest.mark.parametrize("hidden", [b"\xff\xd9", b"\xff\xd9" * 9 + b"\xff"])
def test_an_end_that_stands_in_a_comment_hides_no_scan(tmp_path: Path, hidden: bytes) -> None:
    whole = saved("JPEG", picture((640, 480)), progressive=True)
    scan = whole.rindex(b"\xff\xda")
    comment = b"\xff\xfe" + struct.pack(">H", len(hidden) + 2) + hidden
    data = whole[:2] + comment + whole[2:-2] + (comment + whole[scan:-2]) * 300 + whole[-2:]
    assert "scans" in str(refusal(tmp_path / "a.jpg", data))


def test_a_tiff_that_points_past_its_end_is_refused(tmp_path: Path) -> None:
    data = saved("TIFF")
    at = data.index(struct.pack("<HH", 273, 4)) + 8
    assert isinstance(refusal(tmp_path / "a.tif", replaced(data, at, b"\xff\xff\xff\x7f")), PhotoUnreadable)
    assert isinstance(refusal(tmp_path / "a.tif", replaced(data, 4, b"\xff\xff\xff\x7f")), PhotoUnreadable)


def test_directories_in_a_circle_end(tmp_path: Path) -> None:
    data = saved("TIFF", save_all=True, append_images=[picture((64, 48), seed=2)])
    first = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[first : first + 2], "little")
    second = int.from_bytes(data[first + 2 + 12 * entries :][:4], "little")
    last = second + 2 + 12 * int.from_bytes(data[second : second + 2], "little")
    circle = replaced(data, last, struct.pack("<I", first))
    assert pages(io.BytesIO(circle)) == 2
    assert not is_raw(io.BytesIO(circle))
    (tmp_path / "a.tif").write_bytes(circle)
    assert resize(downloaded(tmp_path / "a.tif"), SETTINGS).rendition.warnings == (
        "only the first of 2 frames is kept",
    )


def test_a_file_of_nothing_but_directories_is_walked_in_bounded_time() -> None:
    count = 200_000
    rows = (struct.pack("<HHHIII", 1, 254, 4, 1, 0, 8 + 18 * (index + 1)) for index in range(count))
    file = io.BytesIO(b"II*\0\x08\0\0\0" + b"".join(rows))
    begun = time.process_time()
    assert len(list(directories(file, with_sub=True))) == 1000
    assert time.process_time() - begun < 1


def test_boxes_without_end_end() -> None:
    assert len(list(boxes(io.BytesIO(struct.pack(">I4s", 8, b"free") * 100_000)))) == 1000
    assert list(boxes(io.BytesIO(struct.pack(">I4s", 3, b"free") * 10))) == []
    assert [kind for kind, _, _ in boxes(io.BytesIO(struct.pack(">I4s", 0, b"mdat") * 10))] == [b"mdat"]


def test_an_error_that_answers_another_does_not_hold_the_pixels(tmp_path: Path) -> None:
    """As in a truncated PNG: its decoder's error has a cause, and both have frames with the picture in them."""

    class Pixels:
        pass

    held: list[weakref.ref[Pixels]] = []

    def decode(pixels: Pixels) -> None:
        held.append(weakref.ref(pixels))
        raise struct.error("no more data")

    def load() -> None:
        pixels = Pixels()
        try:
            decode(pixels)
        except struct.error as error:
            raise OSError("image file is truncated") from error

    with pytest.raises(PhotoUnreadable) as caught, refusing_bad_pictures():
        load()
    gc.collect()
    assert [pixels() for pixels in held] == [None]
    assert caught.value.__cause__ is not None
