"""The bytes of a rendition: the same every time, and described truthfully."""

import hashlib
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from support.photos import downloaded, sent
from support.pictures import camera_exif, make_jpeg, picture
from support.profiles import ADOBE_RGB, rgb_profile

from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(max_width_px=200, max_height_px=200)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic"])
def test_the_same_photo_gives_the_same_bytes_from_any_thread(tmp_path: Path, name: str) -> None:
    profile = rgb_profile(ADOBE_RGB, 2.2)
    picture(seed=5).save(tmp_path / name, exif=camera_exif().tobytes(), icc_profile=profile)
    photo = downloaded(tmp_path / name)
    first = resize(photo, SETTINGS)
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(lambda _: resize(photo, SETTINGS), range(4), timeout=20))
    assert all(result == first for result in again)


def test_the_bytes_do_not_depend_on_the_day(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(sent(resize(downloaded(make_jpeg(tmp_path / "a.jpg")), SETTINGS)))) as image:
        profile = image.info["icc_profile"]
    assert struct.unpack(">6H", profile[24:36]) == (2024, 1, 1, 0, 0, 0)
    assert profile[84:100] == bytes(16)


def test_the_rendition_describes_its_bytes(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "IMG_0042.JPG"))
    result = resize(photo, SETTINGS)
    rendition = result.rendition
    assert result.source is photo
    assert (rendition.file_name, rendition.content_type) == ("IMG_0042.jpg", "image/jpeg")
    assert rendition.size_bytes == len(sent(result))
    assert rendition.sha256 == hashlib.sha256(sent(result)).hexdigest()
    assert rendition.sha1 == hashlib.sha1(sent(result), usedforsecurity=False).hexdigest()
    assert rendition.md5 == hashlib.md5(sent(result), usedforsecurity=False).hexdigest()


def test_quality_is_the_settings(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", seed=2))
    sizes = [len(sent(resize(photo, ResizeSettings(quality=quality)))) for quality in (30, 60, 90)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_colours_are_stored_at_half_resolution(tmp_path: Path) -> None:
    data = sent(resize(downloaded(make_jpeg(tmp_path / "a.jpg")), SETTINGS))
    with Image.open(io.BytesIO(data)) as image:
        assert image.layer[0][1:3] == (2, 2)  # type: ignore[attr-defined]  # the JPEG plugin's own attribute


def test_noise_at_the_best_quality_can_be_encoded(tmp_path: Path) -> None:
    """Pillow sizes its buffer by the number of pixels, and noise needs more bytes than that."""
    noise = Image.merge("RGB", [Image.effect_noise((300, 300), 120) for _ in range(3)])
    noise.save(tmp_path / "a.png")
    for quality in (94, 95):
        result = resize(downloaded(tmp_path / "a.png"), ResizeSettings(quality=quality))
        assert result.rendition.size_bytes > 60_000


def test_frames_that_are_lost_are_told(tmp_path: Path) -> None:
    frames = [picture((64, 48), seed=seed) for seed in range(3)]
    for name in ("a.webp", "a.png", "a.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        rendition = resize(downloaded(tmp_path / name), SETTINGS).rendition
        assert rendition.warnings == ("only the first of 3 frames is kept",), name


def test_an_mpo_is_its_first_picture_without_a_word(tmp_path: Path) -> None:
    first, second = picture((64, 48), colour=(200, 60, 50)), picture((64, 48), colour=(0, 0, 0))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    result = resize(downloaded(tmp_path / "a.jpg"), SETTINGS)
    assert result.rendition.warnings == ()
    with Image.open(io.BytesIO(sent(result))) as image:
        pixel = image.getpixel((30, 20))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 190


def test_a_heic_of_several_pictures_is_its_main_one(tmp_path: Path) -> None:
    first, second = picture((64, 48), colour=(200, 60, 50)), picture((64, 48), colour=(0, 0, 0))
    first.save(tmp_path / "a.heic", save_all=True, append_images=[second], primary_index=1)
    result = resize(downloaded(tmp_path / "a.heic"), SETTINGS)
    assert len(result.rendition.warnings) == 1
    with Image.open(io.BytesIO(sent(result))) as image:
        pixel = image.getpixel((30, 20))
    assert isinstance(pixel, tuple)
    assert pixel[0] < 10
