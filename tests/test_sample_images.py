"""The sample card in `sample_images/` is what the README shows: checked as committed, not drawn again."""

from collections import Counter
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make_sample_images import DEFAULT_FOLDER, SHOTS, drawn
from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener
from sample_images_art.camera import EXIF_IFD, GPS_IFD
from sample_images_art.icc import D50_XYZ, display_p3, p3_columns

register_heif_opener()
FILES = sorted(path for path in DEFAULT_FOLDER.rglob("*") if path.is_file())
BY_NAME = {path.name: path for path in FILES}
SHOT_OF = {Path(shot.file).name: shot for shot in SHOTS}


def exif_notes(path: Path, directory: int = EXIF_IFD) -> dict[int, Any]:
    with Image.open(path) as image:
        return dict(image.getexif().get_ifd(directory))


def test_the_card_holds_exactly_the_shots_of_the_script() -> None:
    assert {path.relative_to(DEFAULT_FOLDER).as_posix() for path in FILES} == {shot.file for shot in SHOTS}
    assert len(FILES) == 12


def test_the_card_stays_under_five_megabytes() -> None:
    assert sum(path.stat().st_size for path in FILES) < 5_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_picture_decodes_fully_at_its_size(path: Path) -> None:
    with Image.open(path) as image:
        image.load()
        upright = ImageOps.exif_transpose(image)
    assert upright.size == SHOT_OF[path.name].size


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_picture_says_when_and_by_whom_it_was_taken(path: Path) -> None:
    notes = exif_notes(path)
    assert (notes[0x9003], notes[0x9011]) == (SHOT_OF[path.name].taken, "+02:00")
    with Image.open(path) as image:
        exif = image.getexif()
    assert (exif[0x010F], exif[0x0110], exif[0x013B], exif[0x8298]) == (
        "Photopipe",
        "Sample Camera",
        "Photopipe samples",
        "CC0",
    )


def test_all_formats_are_there() -> None:
    formats: Counter[str | None] = Counter()
    for path in FILES:
        with Image.open(path) as image:
            formats[image.format] += 1
    assert formats == {"JPEG": 8, "PNG": 1, "HEIF": 1, "WEBP": 1, "TIFF": 1}


def test_at_least_three_pictures_are_larger_than_the_gallery_shows() -> None:
    assert sum(max(shot.size) > 2048 for shot in SHOTS) >= 3
    assert max(shot.size for shot in SHOTS) == (4032, 3024)


def test_the_dates_span_several_days_in_two_months() -> None:
    taken = [datetime.strptime(exif_notes(path)[0x9003], "%Y:%m:%d %H:%M:%S") for path in FILES]
    assert len({moment.date() for moment in taken}) >= 5
    assert {moment.month for moment in taken} == {9, 10}


@pytest.mark.parametrize(
    ("name", "orientation", "brightest"),
    [("DSC_0101.JPG", 6, (0.40, 0.59)), ("IMG_0005.JPG", 8, (0.88, 0.67))],
    ids=["the sun", "the tent"],
)
def test_two_portraits_lie_sideways_and_stand_up_right(
    name: str, orientation: int, brightest: tuple[float, float]
) -> None:
    with Image.open(BY_NAME[name]) as image:
        assert image.getexif()[0x0112] == orientation
        assert image.width > image.height
        red = np.asarray(ImageOps.exif_transpose(image).reduce(40).getchannel("R"), dtype=float)
    assert red.shape[0] > red.shape[1]
    place = np.array(np.unravel_index(red.argmax(), red.shape)) + 0.5
    assert place / red.shape == pytest.approx(brightest, abs=0.05)


def test_one_picture_says_where_and_whose_camera() -> None:
    located = [path for path in FILES if exif_notes(path, GPS_IFD)]
    assert [path.name for path in located] == ["IMG_0003.JPG"]
    gps, notes = exif_notes(located[0], GPS_IFD), exif_notes(located[0])
    degrees, minutes, seconds = (float(part) for part in gps[2])
    assert (gps[1], gps[3]) == ("N", "E")
    assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(45.97639, abs=1e-5)
    assert (notes[0xA430], notes[0xA431]) == ("Robin Sample", "PP-000042")


def test_the_dahlia_is_display_p3_and_its_reds_do_not_fit_into_srgb() -> None:
    with Image.open(BY_NAME["DSC_0103.JPG"]) as image:
        assert image.info["icc_profile"] == display_p3()
        small = np.asarray(image.reduce(16), dtype=float) / 255
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4)
    red_in_srgb = linear @ np.array([1.2249, -0.2247, 0.0])
    assert (red_in_srgb > 1.0).mean() > 0.005


def test_the_cut_out_is_clear_opaque_and_soft_between() -> None:
    with Image.open(BY_NAME["DSC_0104.PNG"]) as image:
        assert image.mode == "RGBA"
        alpha = np.asarray(image.getchannel("A"))
    assert (alpha == 0).mean() > 0.1
    assert alpha.max() > 240
    assert len(np.unique(alpha)) > 200


def test_littlecms_reads_our_p3_profile_and_finds_known_colours() -> None:
    profile = ImageCms.ImageCmsProfile(BytesIO(display_p3()))
    assert ImageCms.getProfileDescription(profile).strip() == "Display P3"
    p3 = Image.new("RGB", (3, 1))
    p3.putdata([(255, 255, 255), (128, 128, 128), (234, 51, 35)])  # the last one is sRGB's pure red
    srgb = ImageCms.profileToProfile(p3, profile, ImageCms.createProfile("sRGB"))
    assert srgb is not None
    pixels = np.asarray(srgb).astype(int)[0]
    assert np.abs(pixels - [(255, 255, 255), (128, 128, 128), (255, 0, 0)]).max() <= 3


def test_the_p3_primaries_sum_to_the_white_of_the_connection_space() -> None:
    assert p3_columns().sum(axis=1) == pytest.approx(D50_XYZ, abs=2e-4)


def test_the_script_draws_the_same_picture_twice() -> None:
    shot = SHOT_OF["IMG_0006.TIF"]
    first = drawn(shot, shrink=16)
    assert first.shape == (66, 100, 3)
    assert np.array_equal(first, drawn(shot, shrink=16))
    assert first.std() > 20
