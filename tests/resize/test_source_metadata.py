"""What a file says besides its pixels: read once, and the same whether it comes before or after them."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, JpegImagePlugin
from support.marked_photo import full_exif
from support.photos import downloaded
from support.pictures import camera_exif, make_jpeg, picture

from photopipe.resize.resize import resize, resize_all
from photopipe.settings import ResizeSettings


def test_exif_is_parsed_once_for_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", exif=full_exif()))
    parsed, load = list[int](), Image.Exif.load

    def counting(self: Image.Exif, data: bytes) -> None:
        parsed.append(len(data))
        load(self, data)

    monkeypatch.setattr(Image.Exif, "load", counting)
    with open(tmp_path / "a.jpg", "rb") as file:
        JpegImagePlugin.JpegImageFile(file)
    by_pillow = len(parsed)  # it looks for the resolution
    parsed.clear()
    resize_all(photo, [("web", ResizeSettings(200, 200)), ("bare", ResizeSettings(90, 90, metadata="none"))])
    assert len(parsed) == by_pillow + 1


def test_what_comes_after_the_pixels_of_a_png_counts(tmp_path: Path) -> None:
    picture((64, 40)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    content = camera_exif(orientation=6).tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(content)) + b"eXIf" + content + struct.pack(">I", zlib.crc32(b"eXIf" + content))
    end = data.rindex(b"IEND") - 4
    (tmp_path / "a.png").write_bytes(data[:end] + chunk + data[end:])
    rendition = resize(downloaded(tmp_path / "a.png"), ResizeSettings(20, 20)).rendition
    assert (rendition.width_px, rendition.height_px) == (12, 20)
    assert rendition.taken_at == "2024-05-01T12:33:10"
