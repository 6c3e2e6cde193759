"""`--animation keep`: all frames, their durations and the number of plays, whatever goes in; one frame in memory."""

import functools
import gc
import io
import os
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from support.photos import downloaded
from support.pictures import Rgb, camera_exif, card_colours, differ_by, orientation_card, picture
from support.profiles import ADOBE_RGB, rgb_profile

from photopipe.errors import ItemError, PhotoTooLarge, PhotoUnreadable
from photopipe.photo import Rendition, ResizedPhoto
from photopipe.resize.animation import animation
from photopipe.resize.animation.frames import MOST_FRAMES
from photopipe.resize.animation.gif_frames import gif_frames
from photopipe.resize.pixels.resample import shrink
from photopipe.resize.resize import resize, resize_all
from photopipe.settings import OutputFormat, ResizeSettings

KINDS = ["GIF", "WEBP", "PNG"]
OUT: tuple[OutputFormat, ...] = ("webp", "png")
KEEP = ResizeSettings(max_width_px=60, max_height_px=60, animation="keep")
DURATIONS = [100, 250, 70, 40]
MOST_S = 10.0


def frames(count: int = 4, size: tuple[int, int] = (120, 90)) -> list[Image.Image]:
    return [picture(size, seed=seed) for seed in range(1, count + 1)]


def moving(kind: str, pictures: list[Image.Image] | None = None, **options: Any) -> bytes:
    first, *others = pictures or frames()
    buffer = io.BytesIO()
    lossless = {"lossless": True} if kind == "WEBP" else {}
    options = {"duration": DURATIONS, "loop": 2} | lossless | options
    first.save(buffer, kind, save_all=True, append_images=others, **options)
    return buffer.getvalue()


def made(folder: Path, data: bytes, wanted: ResizeSettings = KEEP) -> ResizedPhoto:
    (folder / "a.gif").write_bytes(data)
    os.utime(folder / "a.gif", (0, 0))
    return resize(downloaded(folder / "a.gif"), wanted)


def sent(photo: ResizedPhoto) -> tuple[Rendition, bytes | None]:
    return photo.rendition, photo.data


def rgb(image: Image.Image, x: int, y: int) -> Rgb:
    red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]  # an RGB pixel is three numbers
    return red, green, blue


def played(photo: ResizedPhoto) -> list[tuple[Image.Image, int]]:
    """Each frame and how long it is shown [ms]."""
    found = []
    with Image.open(photo.open()) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            found.append((image.convert("RGBA"), round(image.info["duration"])))
    return found


@pytest.mark.parametrize("out", ["jpeg", "webp", "avif", "png", "keep"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_stays_with_its_duration(tmp_path: Path, kind: str, out: OutputFormat) -> None:
    photo = made(tmp_path, moving(kind), replace(KEEP, format=out, quality=95))
    result = played(photo)
    is_png = out == "png" or (out == "keep" and kind == "PNG")
    assert (photo.rendition.content_type, photo.rendition.file_name) == (
        ("image/png", "a.png") if is_png else ("image/webp", "a.webp")
    )
    assert (photo.rendition.width_px, photo.rendition.height_px) == (60, 45)
    assert [duration for _, duration in result] == DURATIONS
    assert photo.rendition.warnings == ()
    for (image, _), source in zip(result, frames(), strict=True):
        wanted = source.resize((60, 45), Image.Resampling.LANCZOS)
        assert image.size == (60, 45)
        difference = ImageStat.Stat(ImageChops.difference(image.convert("RGB"), wanted))
        assert max(difference.mean) < (14 if kind == "GIF" or not is_png else 1), "256 colours, or chroma of half size"


@pytest.mark.parametrize(("loop", "plays"), [(0, 0), (1, 2), (None, 1), (5, 6)])
def test_a_gif_repeats_as_browsers_show_it(tmp_path: Path, loop: int | None, plays: int) -> None:
    photo = made(tmp_path, moving("GIF", loop=loop))
    with Image.open(photo.open()) as image:
        assert image.info["loop"] == plays


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
@pytest.mark.parametrize("out", ["webp", "png"])
@pytest.mark.parametrize("loop", [0, 3])
def test_webp_and_png_are_played_as_often_as_before(tmp_path: Path, kind: str, out: OutputFormat, loop: int) -> None:
    photo = made(tmp_path, moving(kind, loop=loop), replace(KEEP, format=out))
    with Image.open(photo.open()) as image:
        assert image.info["loop"] == loop


@pytest.mark.parametrize("out", ["webp", "png"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_transparent_stays_transparent(tmp_path: Path, kind: str, out: OutputFormat) -> None:
    sprites = []
    for left in (0, 20, 40):
        sprite = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
        sprite.paste((250, 30, 30, 255), (left, 20, left + 20, 40))
        sprites.append(sprite)
    # without key frames libwebp leaves the flag for alpha out, and Pillow reads the source as black
    options: dict[str, Any] = {"GIF": {"disposal": 2}, "PNG": {"disposal": 1}, "WEBP": {"kmin": 0, "kmax": 1}}[kind]
    result = played(made(tmp_path, moving(kind, sprites, duration=100, **options), replace(KEEP, format=out)))
    assert len(result) == 3
    for left, (image, _) in zip((0, 20, 40), result, strict=True):
        alpha = image.getchannel("A")
        assert alpha.getpixel((left + 10, 30)) == 255
        assert alpha.getpixel(((left + 30) % 60, 30)) == 0
        assert differ_by(rgb(image, left + 10, 30), (250, 30, 30)) < 20


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_every_frame_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    card = orientation_card(orientation)
    data = moving(kind, [card, Image.new("RGB", card.size), card], exif=camera_exif(orientation=orientation).tobytes())
    photo = made(tmp_path, data, replace(KEEP, max_width_px=96, max_height_px=96, quality=95))
    upright, _, again = (image for image, _ in played(photo))
    assert (photo.rendition.width_px, photo.rendition.height_px) == (96, 64)
    for row, wanted in zip(card_colours(upright), card_colours(orientation_card()), strict=True):
        assert all(differ_by(one, other) < 40 for one, other in zip(row, wanted, strict=True))
    assert max(ImageStat.Stat(ImageChops.difference(upright, again)).mean) < 8


@pytest.mark.parametrize("out", ["webp", "png"])
def test_colours_are_converted_and_metadata_follows_the_policy(tmp_path: Path, out: OutputFormat) -> None:
    flat = [Image.new("RGB", (40, 40), (200, 80, 80)), Image.new("RGB", (40, 40), (80, 200, 80))]
    exif = camera_exif(orientation=1)
    exif.get_ifd(0x8825)[1] = "N"
    profile = rgb_profile(ADOBE_RGB, 2.2)
    data = moving("PNG", flat, duration=100, exif=exif.tobytes(), icc_profile=profile)
    photo = made(tmp_path, data, replace(KEEP, format=out, quality=95))
    still = made(tmp_path, data, ResizeSettings(max_width_px=60, max_height_px=60, format=out, quality=95))
    assert photo.rendition.taken_at == still.rendition.taken_at == "2024-05-01T12:33:10"
    with Image.open(photo.open()) as image, Image.open(still.open()) as first:
        assert image.getexif()[271] == "Acme"
        assert not image.getexif().get_ifd(0x8825)
        assert image.info["icc_profile"] == first.info["icc_profile"]
        assert differ_by(rgb(image, 20, 20), rgb(first, 20, 20)) <= 3
        assert differ_by(rgb(image, 20, 20), (200, 80, 80)) > 8


def test_a_box_that_is_filled_or_padded_is_so_in_every_frame(tmp_path: Path) -> None:
    for fit, size in (("cover", (60, 60)), ("exact", (60, 60)), ("inside", (60, 45))):
        photo = made(tmp_path, moving("GIF"), replace(KEEP, fit=fit))  # type: ignore[arg-type]  # three literals
        assert {image.size for image, _ in played(photo)} == {size}
        assert (photo.rendition.width_px, photo.rendition.height_px) == size


def test_a_watermark_is_on_every_frame(tmp_path: Path) -> None:
    plain = [Image.new("RGB", (200, 200), (level, level, level)) for level in (40, 90, 140)]
    wanted = replace(KEEP, max_width_px=200, max_height_px=200, watermark_text="Ann", format="png")
    result = played(made(tmp_path, moving("PNG", plain, duration=50), wanted))
    for (image, _), level in zip(result, (40, 90, 140), strict=True):
        assert len(image.convert("L").getcolors() or []) > 3, level


def test_a_png_whose_default_picture_is_no_frame_is_played_without_it(tmp_path: Path) -> None:
    apart, *shown = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue", "white")]
    data = moving("PNG", [apart, *shown], default_image=True, duration=[10, 20, 30])
    for out in OUT:
        result = played(made(tmp_path, data, replace(KEEP, format=out)))
        assert [duration for _, duration in result] == [10, 20, 30]
        assert differ_by(rgb(result[0][0], 20, 20), (0, 255, 0)) < 12


@pytest.mark.parametrize("kind", [*KINDS, "JPEG"])
def test_a_still_picture_is_written_as_without_the_option(tmp_path: Path, kind: str) -> None:
    buffer = io.BytesIO()
    picture().save(buffer, kind)
    assert sent(made(tmp_path, buffer.getvalue())) == sent(
        made(tmp_path, buffer.getvalue(), replace(KEEP, animation="first"))
    )


def test_frames_that_are_alike_are_all_there_in_a_png(tmp_path: Path) -> None:
    same = picture((40, 40))
    data = moving("PNG", [same, picture((40, 40), seed=3), same], duration=[10, 20, 30])
    result = played(made(tmp_path, data, replace(KEEP, format="png")))
    assert [duration for _, duration in result] == [10, 20, 30]
    assert result[0][0].tobytes() == result[2][0].tobytes()


def test_a_frame_of_a_png_holds_only_what_changed(tmp_path: Path) -> None:
    before = picture((200, 200))
    after = before.copy()
    after.paste("red", (50, 60, 70, 90))
    wanted = replace(KEEP, max_width_px=200, max_height_px=200, format="png")
    photo = made(tmp_path, moving("WEBP", [before, after], duration=[10, 20]), wanted)
    assert photo.data is not None
    at = photo.data.index(b"fcTL", photo.data.index(b"IDAT"))
    assert struct.unpack(">IIII", photo.data[at + 8 : at + 24]) == (20, 30, 50, 60)


def test_a_long_duration_of_a_png_is_kept_to_the_second(tmp_path: Path) -> None:
    data = moving("WEBP", frames(2), duration=[100_000, 20])
    assert [shown for _, shown in played(made(tmp_path, data, replace(KEEP, format="png")))] == [100_000, 20]


@pytest.mark.parametrize("kind", KINDS)
def test_the_bytes_of_an_animation_are_the_same_every_time(tmp_path: Path, kind: str) -> None:
    data = moving(kind)
    for out in OUT:
        wanted = replace(KEEP, format=out)
        assert sent(made(tmp_path, data, wanted)) == sent(made(tmp_path, data, wanted))


def test_the_limit_of_pixels_counts_all_frames(tmp_path: Path) -> None:
    data = moving("GIF")
    assert made(tmp_path, data, replace(KEEP, max_pixels=4 * 120 * 90)).rendition.width_px == 60
    with pytest.raises(PhotoTooLarge, match="its 4 frames of 120 x 90 pixels are too many; the limit is 43199 pixels"):
        made(tmp_path, data, replace(KEEP, max_pixels=4 * 120 * 90 - 1))
    assert made(tmp_path, data, replace(KEEP, max_pixels=120 * 90, animation="first")).rendition.width_px == 60


def test_more_frames_than_the_limit_are_refused_however_small(tmp_path: Path) -> None:
    data = moving("PNG", frames(2, (4, 4)), duration=10)
    at = data.index(b"acTL")
    claimed = struct.pack(">II", MOST_FRAMES + 1, 0)
    lying = data[: at + 4] + claimed + struct.pack(">I", zlib.crc32(b"acTL" + claimed)) + data[at + 16 :]
    with pytest.raises(PhotoTooLarge, match=f"its {MOST_FRAMES + 1} frames"):
        made(tmp_path, lying)


def test_a_gif_with_a_frame_outside_the_picture_is_refused(tmp_path: Path) -> None:
    data = bytearray(moving("GIF", frames(2, (40, 40)), duration=10))
    second = data.rindex(b"\x2c\0\0\0\0" + struct.pack("<HH", 40, 40))
    data[second + 1 : second + 5] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(PhotoUnreadable, match="a frame lies outside the picture"):
        made(tmp_path, bytes(data))
    assert gif_frames(io.BytesIO(data), 10).size == (60_040, 60_040)


def test_quality_is_lowered_until_an_animation_fits(tmp_path: Path) -> None:
    data = moving("WEBP")
    full = made(tmp_path, data).rendition.size_bytes
    photo = made(tmp_path, data, replace(KEEP, max_bytes=full * 2 // 3))
    assert photo.rendition.size_bytes <= full * 2 // 3
    assert [duration for _, duration in played(photo)] == DURATIONS
    with pytest.raises(PhotoTooLarge, match="even at quality 30"):
        made(tmp_path, data, replace(KEEP, max_bytes=100))
    with pytest.raises(PhotoTooLarge, match="no quality to lower"):
        made(tmp_path, data, replace(KEEP, max_bytes=100, format="png"))


def test_a_side_longer_than_webp_allows_is_refused(tmp_path: Path) -> None:
    data = moving("PNG", [Image.new("L", (16_384, 1), level) for level in (0, 200)], duration=10)
    huge = replace(KEEP, max_width_px=60_000, max_height_px=60_000)
    with pytest.raises(PhotoTooLarge, match="a side of webp has at most 16383"):
        made(tmp_path, data, huge)
    assert made(tmp_path, data, replace(huge, format="png")).rendition.width_px == 16_384


def test_a_still_and_a_moving_rendition_come_from_one_photo(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(moving("GIF"))
    still = ResizeSettings(max_width_px=30, max_height_px=30)
    both = resize_all(downloaded(tmp_path / "a.gif"), [("still", still), ("web", KEEP)])
    assert [one.rendition.file_name for one in both] == ["a-still.jpg", "a-web.webp"]
    assert [one.rendition.warnings for one in both] == [("only the first of 4 frames is kept",), ()]


@pytest.mark.campaign
@pytest.mark.parametrize("out", ["webp", "png"])
def test_memory_does_not_grow_with_the_number_of_frames(tmp_path: Path, out: OutputFormat) -> None:
    alive: list[int] = []
    calls: list[int] = []
    shown = [Image.new("RGB", (64, 64), (level, 0, 90)) for level in range(0, 240, 4)]
    data = moving("PNG", shown, duration=10)

    def counted(*given: Any) -> Image.Image:
        calls.append(1)
        if len(calls) % 10 == 0:  # looking at every object takes long
            gc.collect()
            alive.append(sum(isinstance(one, Image.Image) for one in gc.get_objects()))
        small: Image.Image = shrink(*given)
        return small

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(animation, "shrink", counted)
        made(tmp_path, data, replace(KEEP, format=out))
    assert len(calls) > len(shown)
    assert max(alive[1:]) <= min(alive[1:]) + 4


@functools.cache
def sample(kind: str) -> bytes:
    return moving(kind, frames(3, (40, 30)), duration=[10, 20, 30])


def kept_or_refused(path: Path, data: bytes, out: OutputFormat) -> ResizedPhoto | None:
    path.write_bytes(data)
    begun = time.process_time()
    try:
        return resize(
            downloaded(path), replace(KEEP, max_width_px=20, max_height_px=20, format=out, max_pixels=1_000_000)
        )
    except ItemError:
        return None
    finally:
        assert time.process_time() - begun < MOST_S


def fuzz(test: Any) -> Any:
    return settings(max_examples=60, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])(test)


@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(share=st.floats(0, 1, exclude_max=True))
def test_an_animation_cut_anywhere_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    whole = sample(kind)
    assert kept_or_refused(tmp_path / "a.gif", whole[: int(len(whole) * share)], "webp") is None


@pytest.mark.parametrize("out", ["webp", "png"])
@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=6))
def test_an_animation_with_flipped_bytes_is_kept_or_refused(
    tmp_path: Path, kind: str, out: OutputFormat, flips: list[tuple[float, int]]
) -> None:
    data = bytearray(sample(kind))
    for place, change in flips:
        data[int(place * len(data))] ^= change
    photo = kept_or_refused(tmp_path / "a.gif", bytes(data), out)
    if photo is not None:
        assert max(photo.rendition.width_px, photo.rendition.height_px) <= 20
        assert all(image.size == (photo.rendition.width_px, photo.rendition.height_px) for image, _ in _shown(photo))


def _shown(photo: ResizedPhoto) -> list[tuple[Image.Image, int]]:
    """A flip may have made it a still picture, which has no durations."""
    return played(photo) if b"ANIM" in (photo.data or b"") or b"acTL" in (photo.data or b"") else []
