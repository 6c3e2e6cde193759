"""Thumbnails: small, upright, sRGB, and nothing but pixels, whatever kind of file they are made of."""

import io
import zlib
from typing import Any

import pytest
from PIL import Image
from support.pictures import (
    SIDES,
    assert_card_colours,
    camera_exif,
    card_colours,
    orientation_card,
    picture,
)
from support.profiles import rgb_profile
from support.raw_files import make_dng

from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.thumbnail import make_thumbnail

GREEN_FIRST = ((0.3851, 0.7169, 0.0971), (0.4361, 0.2225, 0.0139), (0.1431, 0.0606, 0.7141))
"""The primaries of sRGB with red and green exchanged, so that nobody overlooks whether they count."""


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def thumbnail(data: bytes, max_height_px: int | None = 50, max_side_px: int | None = None) -> Image.Image:
    made = make_thumbnail(io.BytesIO(data), max_height_px=max_height_px, max_side_px=max_side_px)
    image = Image.open(io.BytesIO(made))
    assert image.format == "WEBP"
    return image


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("TIFF", {}),
        ("HEIF", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("BMP", {}),
        ("JPEG2000", {}),
    ],
)
def test_every_kind_of_picture_has_a_thumbnail(kind: str, options: dict[str, Any]) -> None:
    made = thumbnail(saved(orientation_card(), kind, **options))
    assert made.size == (75, 50)
    assert_card_colours(made, tolerance=16)


@pytest.mark.parametrize("preview", [False, True])
def test_a_raw_file_has_one_too(preview: bool) -> None:
    pytest.importorskip("rawpy", reason="the extra `raw` is not installed")
    camera_jpeg = saved(orientation_card(), "JPEG", quality=95)
    made = thumbnail(make_dng(orientation_card(), preview=camera_jpeg if preview else None))
    assert_card_colours(made, tolerance=16 if preview else 60)


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [orientation_card(), picture((96, 64), colour=(9, 9, 9))]
    made = thumbnail(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert getattr(made, "n_frames", 1) == 1
    assert_card_colours(made, tolerance=16)


@pytest.mark.parametrize("orientation", SIDES)
def test_it_is_upright(orientation: int) -> None:
    stored = saved(orientation_card(orientation), "JPEG", quality=95, exif=camera_exif(orientation=orientation))
    made = thumbnail(stored)
    assert made.size == (75, 50)
    assert_card_colours(made, tolerance=16)


def test_it_carries_nothing_but_pixels() -> None:
    exif = camera_exif(orientation=6)
    made = thumbnail(saved(picture(), "JPEG", exif=exif, icc_profile=rgb_profile(GREEN_FIRST, 2.2), comment=b"hello"))
    assert not made.info.keys() & {"exif", "icc_profile", "xmp", "comment"}
    assert not made.getexif()


def test_its_colours_are_converted_to_srgb() -> None:
    source = picture((96, 64), colour=(200, 60, 60))
    made = thumbnail(saved(source, "PNG", icc_profile=rgb_profile(GREEN_FIRST, 2.2)))
    colour = card_colours(made)[0][0]
    assert colour[1] > 150
    assert colour[0] < 100


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (96, 64), (200, 30, 30, 0))
    assert card_colours(thumbnail(saved(clear, "PNG")))[0][0] == (255, 255, 255)


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((320, 240), (200, None), (267, 200)),
        ((240, 320), (200, None), (150, 200)),
        ((320, 240), (None, 100), (100, 75)),
        ((240, 320), (None, 100), (75, 100)),
        ((320, 240), (400, None), (320, 240)),
        ((2000, 1), (200, None), (2000, 1)),
        ((20_000, 10), (200, None), (16_383, 8)),
    ],
)
def test_it_fits_its_box_and_is_never_enlarged(
    size: tuple[int, int], box: tuple[int | None, int | None], expected: tuple[int, int]
) -> None:
    made = thumbnail(saved(picture(size), "PNG"), *box)
    assert made.size == expected


def test_a_damaged_file_is_refused() -> None:
    data = saved(picture(), "JPEG")
    with pytest.raises(PhotoUnreadable, match="ends early"):
        thumbnail(data[: len(data) // 2])


def test_a_header_that_claims_too_much_is_refused() -> None:
    data = bytearray(saved(picture(), "PNG"))
    data[16:24] = (65_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(PhotoTooLarge, match="65000 x 65000"):
        thumbnail(bytes(data))
