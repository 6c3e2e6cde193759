"""Files that are damaged, hostile, or not pictures: refused with a message a person can act on."""

import errno
import gc
import io
import logging
import os
import struct
import sys
import time
import warnings
import weakref
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageFile
from support.photos import downloaded
from support.pictures import make_jpeg, picture

from photopipe.errors import DownloadError, PhotoTooLarge, PhotoUnreadable
from photopipe.resize.decoders.decode_errors import plain_reason, refusing_bad_pictures
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=200, max_height_px=200)
AGAIN = "Copy it again from the camera."


def refusal(path: Path) -> str:
    with pytest.raises(PhotoUnreadable) as caught:
        resize(downloaded(path), SETTINGS)
    message = str(caught.value)
    assert message.startswith("cannot be resized: ")
    assert message.endswith(".")
    assert " at 0x" not in message
    assert path.name not in message
    assert caught.value.__cause__ is not None
    return message


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {}),
        ("p.jpg", {"progressive": True}),
        ("a.png", {}),
        ("a.webp", {}),
        ("l.webp", {"lossless": True}),
        ("a.tif", {}),
        ("z.tif", {"compression": "tiff_adobe_deflate"}),
        ("a.heic", {}),
    ],
)
def test_a_truncated_photo_is_refused(tmp_path: Path, name: str, options: dict[str, object], share: float) -> None:
    picture(seed=1).save(tmp_path / name, **options)  # type: ignore[arg-type]  # the options are the format's own
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    assert refusal(tmp_path / name).endswith(AGAIN)


def test_a_truncated_jpeg_is_said_to_end_early(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-1500])
    message = refusal(path)
    assert message.startswith("cannot be resized: the file ends early (")
    assert message.endswith(f"). {AGAIN}")


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_jpeg_is_never_a_picture_with_a_grey_part(tmp_path: Path, progressive: bool) -> None:
    picture((80, 60), seed=4).save(tmp_path / "a.jpg", progressive=progressive)
    whole = (tmp_path / "a.jpg").read_bytes()
    complete = resize(downloaded(tmp_path / "a.jpg"), SETTINGS).data
    accepted = 0
    for cut in (*range(1, 25), *range(25, len(whole), 40)):
        (tmp_path / "a.jpg").write_bytes(whole[:-cut])
        try:
            data = resize(downloaded(tmp_path / "a.jpg"), SETTINGS).data
        except PhotoUnreadable:
            continue
        accepted += 1
        assert data == complete, f"{cut} bytes are missing and nobody says so"
    assert accepted <= 2, "only the end marker may be missing"


def test_a_jpeg_that_is_reduced_while_decoding_is_still_read_to_its_end(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (2400, 1600))
    path.write_bytes(path.read_bytes()[:-4000])
    assert "ends early" in refusal(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert refusal(tmp_path / "a.jpg") == f"cannot be resized: the file is empty. {AGAIN}"


def test_a_file_of_zero_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(bytes(100_000))
    assert "is not a picture this can read (it begins with the bytes 00 00 00 00" in refusal(tmp_path / "a.jpg")


def test_text_named_jpg_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("Dear camera,\nwhere are my photos?")
    assert 'is not a picture this can read (it begins with "Dear camera,")' in refusal(tmp_path / "a.jpg")


def test_postscript_named_jpg_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap, started = tmp_path / "gs", tmp_path / "started"
    trap.write_text(f"#!/bin/sh\ntouch {started}\n")
    trap.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "a.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n%%EndComments\nshowpage\n")
    assert "%!PS-Adobe-3.0" in refusal(tmp_path / "a.jpg")
    assert not started.exists()


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PPM", "ICO", "ICNS", "TGA", "PCX", "DDS"])
def test_other_kinds_of_pictures_are_not_read(tmp_path: Path, kind: str) -> None:
    picture((64, 48)).save(tmp_path / "a.jpg", format=kind)
    assert "is not a picture this can read" in refusal(tmp_path / "a.jpg")


def png_claiming(width_px: int, height_px: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_claiming(60_000, 60_000))
    begun = time.process_time()
    with pytest.raises(PhotoTooLarge, match="60000 x 60000"):
        resize(downloaded(tmp_path / "a.png"), SETTINGS)
    assert time.process_time() - begun < 1


def test_the_limit_of_pixels_is_the_settings(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", (100, 100)))
    assert resize(photo, ResizeSettings(max_pixels=10_000)).rendition.width_px == 100
    with pytest.raises(PhotoTooLarge):
        resize(photo, ResizeSettings(max_pixels=9_999))


def test_more_pixels_than_memory_are_too_large() -> None:
    with pytest.raises(PhotoTooLarge), refusing_bad_pictures():
        raise MemoryError


def test_a_failing_card_is_not_blamed_on_the_photo() -> None:
    with pytest.raises(DownloadError, match="cannot be read: Input/output error"), refusing_bad_pictures():
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize(
    "error", [ValueError("x"), struct.error("x"), zlib.error("x"), AssertionError(), OSError(errno.EINVAL, "Invalid")]
)
def test_whatever_a_decoder_raises_is_a_refusal(error: Exception) -> None:
    with pytest.raises(PhotoUnreadable, match="its picture data is damaged") as caught, refusing_bad_pictures():
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("order", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_orders_are_not_swallowed(order: type[BaseException]) -> None:
    with pytest.raises(order), refusing_bad_pictures():
        raise order


def test_reasons_fit_on_a_line_and_show_no_addresses() -> None:
    file = io.BytesIO()
    assert plain_reason(OSError(f"cannot identify {file!r}\n\x1b[31m")) == "cannot identify the file [31m"
    assert plain_reason(ValueError()) == "ValueError"
    assert len(plain_reason(ValueError("long " * 1000))) <= 160


def test_pillows_switches_stay_as_they_are(tmp_path: Path) -> None:
    resize(downloaded(make_jpeg(tmp_path / "a.jpg")), SETTINGS)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_refusal_does_not_hold_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.tif"
    picture().save(path)
    path.write_bytes(path.read_bytes()[:-1500])
    pixels: list[weakref.ref[Image.Image]] = []
    load = ImageFile.ImageFile.load

    def spied(image: ImageFile.ImageFile) -> object:
        pixels.append(weakref.ref(image))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", spied)
    with pytest.raises(PhotoUnreadable) as caught:
        resize(downloaded(path), SETTINGS)
    gc.collect()
    assert [pixel() for pixel in pixels] == [None]
    assert caught.value.__cause__ is not None


def test_pillow_says_nothing_by_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])  # as in a program that has not set up logging
    picture().save(tmp_path / "a.tif", compression="tiff_adobe_deflate")
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[:8] + whole[8:3000][::-1] + whole[3000:])
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe1" + whole)
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
        refusal(tmp_path / "a.tif")
        refusal(tmp_path / "b.jpg")
    assert capfd.readouterr() == ("", "")
    assert "PIL.Image" in sys.modules
