"""Originals as renditions: the bytes of the file, of which only the header is read."""

import hashlib
import importlib
import importlib.util
import io
import os
import struct
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile
from support.heif_boxes import clap, with_property
from support.photos import downloaded, sent
from support.pictures import camera_exif, make_jpeg, picture
from support.raw_files import jpeg_bytes, make_dng

from photopipe import assembly
from photopipe.cli.options.resize_options import renditions
from photopipe.errors import PhotoChanged, PhotoUnreadable, PhotoVanished, ResizeError, UsageError
from photopipe.photo import GAIN_MAP_LOST, HDR_CURVE_LOST, ResizedPhoto
from photopipe.resize.decoders.decoders import DECODERS
from photopipe.resize.original import HEADER_UNREADABLE, OVER_THE_LIMIT
from photopipe.resize.resize import resize, resize_all
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings

ORIGINAL = ResizeSettings(original=True)
FULL = ResizeSettings(max_width_px=65_000, max_height_px=65_000)
GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)
RAW_IS_HERE = importlib.util.find_spec("rawpy") is not None
JXL_IS_HERE = importlib.util.find_spec("pillow_jxl") is not None


def encoded(kind: str, *, orientation: int = 1, **options: Any) -> bytes:
    if kind == "JXL":
        importlib.import_module("pillow_jxl")  # registers the format
    exif = camera_exif(orientation=orientation)
    if kind not in ("GIF", "BMP", "JPEG2000"):
        options["exif"] = exif if kind == "TIFF" else exif.tobytes()
    buffer = io.BytesIO()
    picture((64, 40)).save(buffer, kind, **options)
    return buffer.getvalue()


def ultra_hdr() -> bytes:
    plain = encoded("JPEG")
    return plain[:2] + b"\xff\xe2" + (len(GAIN_MAP) + 2).to_bytes(2, "big") + GAIN_MAP + plain[2:]


def original(path: Path, data: bytes, settings: ResizeSettings = ORIGINAL) -> ResizedPhoto:
    path.write_bytes(data)
    os.utime(path, (0, 0))
    return resize(downloaded(path), settings)


KINDS = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF", "BMP", "JPEG2000"] + ["JXL"] * JXL_IS_HERE
TURNED = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"] + ["JXL"] * JXL_IS_HERE


def test_an_original_is_the_file_byte_for_byte_with_its_hashes(tmp_path: Path) -> None:
    data = encoded("JPEG") + bytes(3_000_000)
    photo = original(tmp_path / "IMG 1.JPG", data)
    rendition = photo.rendition
    assert photo.data is None
    assert sent(photo) == sent(photo) == data
    assert (rendition.file_name, rendition.content_type) == ("IMG 1.jpg", "image/jpeg")
    assert rendition.size_bytes == len(data)
    assert rendition.sha256 == hashlib.sha256(data).hexdigest()
    assert rendition.sha1 == hashlib.sha1(data).hexdigest()  # noqa: S324 - galleries ask by it
    assert rendition.md5 == hashlib.md5(data).hexdigest()  # noqa: S324 - likewise
    assert rendition.taken_at == "2024-05-01T12:33:10"
    assert rendition.warnings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_an_original_says_the_size_and_time_its_full_picture_has(tmp_path: Path, kind: str) -> None:
    data = encoded(kind)
    photo, made = original(tmp_path / "a.jpg", data), original(tmp_path / "b.jpg", data, FULL)
    assert sent(photo) == data
    assert photo.rendition.width_px == made.rendition.width_px == 64
    assert photo.rendition.height_px == made.rendition.height_px == 40
    assert photo.rendition.taken_at == made.rendition.taken_at


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", TURNED)
def test_the_size_of_an_original_is_that_of_the_upright_picture(tmp_path: Path, kind: str, orientation: int) -> None:
    data = encoded(kind, orientation=orientation)
    photo, made = original(tmp_path / "a.jpg", data), original(tmp_path / "b.jpg", data, FULL)
    assert (photo.rendition.width_px, photo.rendition.height_px) == (made.rendition.width_px, made.rendition.height_px)


def test_the_crop_of_an_avif_counts(tmp_path: Path) -> None:
    photo = original(tmp_path / "a.avif", with_property(encoded("AVIF"), clap(20, 30, 2, 2)))
    assert (photo.rendition.width_px, photo.rendition.height_px) == (20, 30)


@pytest.mark.skipif(not JXL_IS_HERE, reason="extra `jxl` is not installed")
@pytest.mark.parametrize("options", [{}, {"use_container": True}, {"lossless": True}])
def test_a_jpeg_xl_is_looked_into_without_its_decoder(
    tmp_path: Path, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded("JXL", **options)
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    rendition = original(tmp_path / "a.jxl", data).rendition
    assert (rendition.width_px, rendition.height_px, rendition.content_type) == (64, 40, "image/jxl")


@pytest.mark.skipif(not RAW_IS_HERE, reason="extra `raw` is not installed")
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_raw_is_passed_on_as_it_is(tmp_path: Path, orientation: int) -> None:
    data = make_dng(picture((64, 40)), orientation=orientation, preview=jpeg_bytes(picture((64, 40))))
    photo = original(tmp_path / "a.DNG", data)
    assert sent(photo) == data
    assert (photo.rendition.file_name, photo.rendition.content_type) == ("a.dng", "image/x-adobe-dng")
    assert {photo.rendition.width_px, photo.rendition.height_px} == {64, 40}
    assert (photo.rendition.width_px < photo.rendition.height_px) == (orientation == 6)
    assert photo.rendition.taken_at == "2024-05-01T12:33:10"


def test_without_rawpy_a_raw_is_passed_on_without_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    rendition = original(tmp_path / "a.dng", make_dng(picture((64, 40)))).rendition
    assert (rendition.width_px, rendition.height_px, rendition.warnings) == (0, 0, ())
    assert rendition.taken_at == "2024-05-01T12:33:10"


def test_a_raw_that_is_to_be_left_out_is_no_original(tmp_path: Path) -> None:
    pytest.importorskip("rawpy", reason="extra `raw` is not installed")
    with pytest.raises(ResizeError, match="left out"):
        original(tmp_path / "a.tif", make_dng(picture((64, 40))), replace(ORIGINAL, raw="skip"))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("HEIF", "JXL")])
def test_no_pixel_of_an_original_is_decoded(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(kind)

    def decode(_image: ImageFile.ImageFile) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    assert original(tmp_path / "a.jpg", data).rendition.width_px == 64


def test_an_original_is_not_held_in_memory(tmp_path: Path) -> None:
    data = encoded("JPEG") + bytes(40_000_000) + b"\xff\xd9"
    (tmp_path / "a.jpg").write_bytes(data)
    photo = downloaded(tmp_path / "a.jpg")
    del data
    resize(photo, ORIGINAL)
    tracemalloc.start()
    try:
        resized = resize(photo, ORIGINAL)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert resized.rendition.size_bytes > 40_000_000
    assert peak < 4_000_000
    assert kept < 500_000


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda path: path.unlink(), PhotoVanished),
        (lambda path: path.write_bytes(b"other"), PhotoChanged),
        (lambda path: make_jpeg(path.parent / "b.jpg").replace(path), PhotoChanged),
    ],
)
def test_an_original_that_is_not_what_was_found_is_not_sent(
    tmp_path: Path, change: Callable[[Path], Any], error: type[Exception]
) -> None:
    photo = resize(downloaded(make_jpeg(tmp_path / "a.jpg")), ORIGINAL)
    change(tmp_path / "a.jpg")
    with pytest.raises(error):
        photo.open()


def test_an_original_that_changed_while_it_was_sent_is_noticed(tmp_path: Path) -> None:
    photo = resize(downloaded(make_jpeg(tmp_path / "a.jpg")), ORIGINAL)
    with photo.open() as file:
        photo.source.found.check_unchanged(file)
        (tmp_path / "a.jpg").write_bytes(b"other")
        with pytest.raises(PhotoChanged):
            photo.source.found.check_unchanged(file)


def test_content_that_is_not_what_was_hashed_has_changed(tmp_path: Path) -> None:
    photo = replace(downloaded(make_jpeg(tmp_path / "a.jpg")), source_sha256="0" * 64)
    with pytest.raises(PhotoChanged):
        resize(photo, ORIGINAL)


def test_a_picture_that_was_made_opens_to_its_bytes(tmp_path: Path) -> None:
    photo = resize(downloaded(make_jpeg(tmp_path / "a.jpg")), ResizeSettings())
    (tmp_path / "a.jpg").unlink()
    assert sent(photo) == photo.data


def test_a_damaged_photo_is_passed_on_and_a_broken_header_reported(tmp_path: Path) -> None:
    whole = encoded("JPEG")
    assert original(tmp_path / "cut.jpg", whole[:-400]).rendition.warnings == ()
    rendition = original(tmp_path / "head.jpg", whole[:30]).rendition
    assert (rendition.warnings, rendition.width_px) == ((HEADER_UNREADABLE,), 0)
    with pytest.raises(PhotoUnreadable, match="not a picture this can read"):
        original(tmp_path / "text.jpg", b"not a photo at all")


def test_the_limit_of_pixels_does_not_keep_an_original_back(tmp_path: Path) -> None:
    rendition = original(tmp_path / "a.png", encoded("PNG"), replace(ORIGINAL, max_pixels=100)).rendition
    assert (rendition.warnings, rendition.width_px, rendition.size_bytes > 0) == ((OVER_THE_LIMIT,), 0, True)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.JPeG", "a.jpeg"),
        ("a", "a.jpg"),
        ("a.j\u202epg", "a.jpg"),
        ("Übung\n1.JPG", "Übung1.jpg"),
        (b"\xff.JPG".decode("utf-8", "surrogateescape"), "\ufffd.jpg"),
    ],
)
def test_the_name_of_an_original_is_its_own_made_safe(tmp_path: Path, name: str, stored: str) -> None:
    assert original(tmp_path / name, encoded("JPEG")).rendition.file_name == stored


def test_an_original_is_made_beside_others(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    web, kept, thumb = resize_all(photo, [("web", FULL), ("original", ORIGINAL), ("thumb", replace(FULL, quality=30))])
    assert [one.rendition.name for one in (web, kept, thumb)] == ["web", "original", "thumb"]
    assert [one.data is None for one in (web, kept, thumb)] == [False, True, False]


def test_the_recipe_of_an_original_depends_on_nothing_else() -> None:
    others = [
        replace(ORIGINAL, max_width_px=100, quality=20),
        replace(ORIGINAL, metadata="none", hdr="original", animation="keep", watermark_text="Ann"),
    ]
    assert {one.recipe_id for one in others} == {ORIGINAL.recipe_id}
    assert ORIGINAL.recipe_id == "061922aee39ebf10", "another would upload every original again"
    assert ORIGINAL.recipe_id != ResizeSettings().recipe_id


def test_originals_alone_need_no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "missing_decoders", lambda: DECODERS)

    def left_out(*renditions: ResizeSettings) -> frozenset[str]:
        named = tuple((str(number), one) for number, one in enumerate(renditions))
        settings = Settings(DownloadSettings(()), named, (UploadSettings(),), "gallery", "journal")
        return assembly._with_left_out(settings).left_out

    assert left_out(ORIGINAL) == frozenset()
    assert left_out(ORIGINAL, ResizeSettings()) >= {".nef", ".jxl"}
    assert left_out(replace(ORIGINAL, raw="skip")) >= {".nef"}


def test_hdr_and_animation_are_part_of_the_recipe_only_where_they_are_not_the_default() -> None:
    plain = ResizeSettings().recipe_id
    assert plain == "c3aa9744214caf6e", "another would upload every archive again"
    assert len({plain, ResizeSettings(hdr="original").recipe_id, ResizeSettings(animation="keep").recipe_id}) == 3


def test_an_hdr_photo_is_taken_as_it_is_if_asked_and_no_other_is(tmp_path: Path) -> None:
    wanted = ResizeSettings(hdr="original", format="webp")
    kept = original(tmp_path / "a.jpg", ultra_hdr(), wanted)
    assert sent(kept) == ultra_hdr()
    assert (kept.rendition.name, kept.rendition.content_type, kept.rendition.warnings) == ("default", "image/jpeg", ())
    assert original(tmp_path / "b.jpg", ultra_hdr(), ResizeSettings()).rendition.warnings == (GAIN_MAP_LOST,)
    plain = original(tmp_path / "c.jpg", encoded("JPEG"), wanted)
    assert plain.rendition.content_type == "image/webp"


def test_a_raw_whose_preview_has_a_gain_map_is_resized(tmp_path: Path) -> None:
    pytest.importorskip("rawpy", reason="extra `raw` is not installed")
    data = make_dng(picture((64, 40)), preview=ultra_hdr())
    assert original(tmp_path / "a.dng", data, ResizeSettings(hdr="original")).data is not None


def test_original_adds_a_rendition_or_is_the_only_one() -> None:
    base = ResizeSettings(max_width_px=100)
    assert renditions([], base) == (("default", base),)
    assert renditions([], base, "instead") == (("original", replace(base, original=True)),)
    assert [name for name, _ in renditions([], base, "beside")] == ["default", "original"]
    assert [name for name, _ in renditions(["web=9", "thumb=3"], base, "beside")] == ["web", "thumb", "original"]


@pytest.mark.parametrize(
    ("specifications", "hdr", "how", "words"),
    [
        (["original=9"], "drop", "beside", "--rendition original"),
        (["web=9"], "drop", "instead", "leave out --rendition"),
        ([], "original", "beside", "leave out --hdr original"),
    ],
)
def test_options_that_exclude_each_other_are_refused(specifications: list[str], hdr: Any, how: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        renditions(specifications, ResizeSettings(hdr=hdr), how)


def test_an_hdr_original_takes_the_place_of_the_largest_rendition_only() -> None:
    base = ResizeSettings(hdr="original")
    made = dict(renditions(["thumb=480", "web=2048", "small=1000x100"], base))
    assert {name: settings.hdr for name, settings in made.items()} == {
        "thumb": "drop",
        "web": "original",
        "small": "drop",
    }
    assert made["thumb"].recipe_id == dict(renditions(["thumb=480"], ResizeSettings()))["thumb"].recipe_id


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
def test_hdr_curves_are_reported_as_a_guess(tmp_path: Path, kind: str) -> None:
    for transfer in (16, 18, 13):
        data = with_curve(kind, transfer)
        warnings = original(tmp_path / "a.jpg", data, ResizeSettings()).rendition.warnings
        assert warnings == ((HDR_CURVE_LOST,) if transfer != 13 else ())
        kept = original(tmp_path / "b.jpg", data, ResizeSettings(hdr="original"))
        assert (kept.data is None) == (transfer != 13)


def with_curve(kind: str, transfer: int) -> bytes:
    """A picture with this transfer curve."""
    if kind == "PNG":
        plain = encoded(kind)
        chunk = b"cICP" + bytes([9, transfer, 0, 1])
        return plain[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + plain[33:]
    if kind == "HEIF":
        buffer = io.BytesIO()
        picture((64, 40)).save(
            buffer, kind, color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9, full_range_flag=1
        )
        return buffer.getvalue()
    plain = encoded(kind)
    at = plain.index(b"nclx") + 4
    return plain[: at + 2] + struct.pack(">H", transfer) + plain[at + 4 :]


def test_the_image_library_is_not_left_open(tmp_path: Path) -> None:
    photo = original(tmp_path / "a.jpg", encoded("JPEG"))
    with photo.open() as file, Image.open(file) as image:
        assert image.size == (64, 40)
    assert file.closed
