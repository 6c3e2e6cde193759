"""Where colours are described without an ICC profile: PNG chunks, EXIF, nclx; and what `keep` embeds."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from support.delta_e import decoded, delta_e_2000, display_to_srgb, srgb_to_lab
from support.photos import downloaded, sent
from support.pictures import Rgb, differ_by, picture
from support.profiles import (
    ADOBE_RGB,
    D50,
    DISPLAY_P3,
    Xyz,
    cmyk_profile,
    grey_profile,
    rgb_profile,
    srgb_encoded,
)

from photopipe.photo import ResizedPhoto
from photopipe.resize.colour import icc_profile
from photopipe.resize.colour.code_points import SRGB, avif_code_points
from photopipe.resize.colour.colour import ADOBE_RGB as ADOBE_LIGHTS
from photopipe.resize.colour.colour import convert_colour, source_profile
from photopipe.resize.colour.transform import MAX_CACHED, SRGB_PROFILE, conversion
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SIZE = (64, 48)
COLOUR = (180, 90, 70)
PNG = ResizeSettings(format="png")
KEEP = ResizeSettings(format="png", color="keep")
SRGB_LIGHTS = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_LIGHTS = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def opened(result: ResizedPhoto) -> Image.Image:
    return Image.open(io.BytesIO(sent(result)))


def middle(result: ResizedPhoto) -> Rgb:
    with opened(result) as image:
        found = image.convert("RGB").getpixel((30, 20))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def assert_shows(result: ResizedPhoto, colorants: tuple[Xyz, Xyz, Xyz], gamma: float | None, colour: Rgb) -> None:
    wanted = display_to_srgb(np.array([colour]) / 255, colorants, gamma).clip(0, 1)
    got = decoded(np.array([middle(result)]) / 255)
    assert delta_e_2000(srgb_to_lab(got), srgb_to_lab(wanted))[0] <= 2, middle(result)
    assert result.rendition.warnings == ()


def png(path: Path, chunks: dict[bytes, bytes], image: Image.Image | None = None) -> Path:
    """A PNG of one colour with these chunks before its pixels, as no library would write them."""
    buffer = io.BytesIO()
    (image or picture(SIZE, colour=COLOUR)).save(buffer, "PNG")
    data, extra = buffer.getvalue(), b""
    for kind, value in chunks.items():
        extra += struct.pack(">I", len(value)) + kind + value + struct.pack(">I", zlib.crc32(kind + value))
    path.write_bytes(data[:33] + extra + data[33:])
    return path


def gama(number: int) -> dict[bytes, bytes]:
    return {b"gAMA": struct.pack(">I", number)}


def chrm(*lights: int) -> dict[bytes, bytes]:
    return {b"cHRM": struct.pack(">8I", *lights)}


SRGB_COLORANTS: tuple[Xyz, Xyz, Xyz] = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.71410),
)


@pytest.mark.parametrize("number", [100_000, 55_556, 50_000])
def test_a_png_with_another_gamma_is_converted(tmp_path: Path, number: int) -> None:
    result = resize(downloaded(png(tmp_path / "a.png", gama(number))), PNG)
    assert_shows(result, SRGB_COLORANTS, 100_000 / number, COLOUR)


@pytest.mark.parametrize("number", [45_455, 45_000, 45_454, 47_000])
def test_a_png_with_a_gamma_near_srgb_is_srgb(tmp_path: Path, number: int) -> None:
    assert middle(resize(downloaded(png(tmp_path / "a.png", gama(number))), PNG)) == COLOUR


def test_grey_with_a_gamma_stays_grey_and_is_converted(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", gama(100_000), Image.new("L", SIZE, 55))
    image = opened(resize(downloaded(path), PNG))
    assert (image.mode, image.getpixel((9, 9))) == ("L", srgb_encoded(55 / 255))


def test_the_chromaticities_of_a_png_count(tmp_path: Path) -> None:
    result = resize(downloaded(png(tmp_path / "a.png", gama(45_455) | chrm(*P3_LIGHTS))), PNG)
    assert_shows(result, DISPLAY_P3, None, COLOUR)


def test_the_chromaticities_of_srgb_change_nothing(tmp_path: Path) -> None:
    assert middle(resize(downloaded(png(tmp_path / "a.png", gama(45_455) | chrm(*SRGB_LIGHTS))), PNG)) == COLOUR


def test_a_png_that_says_srgb_is_srgb_whatever_else_it_says(tmp_path: Path) -> None:
    chunks = {b"sRGB": b"\0"} | gama(100_000) | chrm(*P3_LIGHTS)
    assert middle(resize(downloaded(png(tmp_path / "a.png", chunks)), PNG)) == COLOUR


def test_the_cicp_of_a_png_counts_before_all_else(tmp_path: Path) -> None:
    chunks = {b"cICP": bytes((12, 13, 0, 1)), b"sRGB": b"\0"}
    assert_shows(resize(downloaded(png(tmp_path / "a.png", chunks)), PNG), DISPLAY_P3, None, COLOUR)


@pytest.mark.parametrize(
    "chunks",
    [chrm(*[31270, 0] * 4), chrm(*[31270, 32900] * 4), chrm(10_000, 80_000, *SRGB_LIGHTS[2:])],
    ids=["no light", "all one light", "white outside"],
)
def test_chromaticities_that_no_display_has_cost_a_warning(tmp_path: Path, chunks: dict[bytes, bytes]) -> None:
    result = resize(downloaded(png(tmp_path / "a.png", chunks)), PNG)
    assert middle(result) == COLOUR
    assert result.rendition.warnings == ("the colour profile could not be read; treated as sRGB",)


def adobe_exif(space: int | None, index: str | None) -> bytes:
    exif = Image.Exif()
    detail = exif.get_ifd(0x8769)
    detail[36864], detail[36867] = b"0230", "2024:05:01 12:33:10"
    if space is not None:
        detail[40961] = space
    if index is not None:
        detail[0xA005] = {1: index, 2: b"0100"}
    return exif.tobytes()


@pytest.mark.parametrize(
    ("name", "space", "index"),
    [
        ("a.jpg", 65535, "R03"),
        ("a.jpg", None, "R03"),
        ("a.jpg", 2, None),
        ("a.webp", 65535, "R03"),
        ("a.tif", 2, None),  # Pillow writes no interoperability directory into a TIFF
    ],
)
def test_adobe_rgb_named_by_exif_only_is_converted(
    tmp_path: Path, name: str, space: int | None, index: str | None
) -> None:
    exif = Image.Exif()
    exif.load(adobe_exif(space, index))
    picture(SIZE, colour=COLOUR).save(tmp_path / name, exif=exif, quality=95)
    assert_shows(resize(downloaded(tmp_path / name), PNG), ADOBE_RGB, 563 / 256, COLOUR)


def save_heic(path: Path, *, primaries: int, exif: bytes | None = None) -> None:
    picture(SIZE, colour=COLOUR).save(
        path,
        quality=95,
        exif=exif,
        save_nclx_profile=True,
        color_primaries=primaries,
        transfer_characteristics=13,
        matrix_coefficients=6,
    )


def test_the_nclx_of_a_heic_counts_before_exif(tmp_path: Path) -> None:
    save_heic(tmp_path / "a.heic", primaries=1, exif=adobe_exif(65535, "R03"))
    assert differ_by(middle(resize(downloaded(tmp_path / "a.heic"), PNG)), COLOUR) <= 2


@pytest.mark.parametrize(("space", "index"), [(1, "R98"), (1, "R03"), (65535, "R98"), (65535, None), (None, None)])
def test_exif_that_does_not_say_adobe_rgb_changes_nothing(tmp_path: Path, space: int | None, index: str | None) -> None:
    picture(SIZE, colour=COLOUR).save(tmp_path / "a.jpg", exif=adobe_exif(space, index), quality=95)
    assert differ_by(middle(resize(downloaded(tmp_path / "a.jpg"), PNG)), COLOUR) <= 2


def test_a_profile_counts_before_exif(tmp_path: Path) -> None:
    exif, profile = adobe_exif(65535, "R03"), rgb_profile(DISPLAY_P3, None)
    picture(SIZE, colour=COLOUR).save(tmp_path / "a.jpg", exif=exif, icc_profile=profile, quality=95)
    assert_shows(resize(downloaded(tmp_path / "a.jpg"), PNG), DISPLAY_P3, None, COLOUR)


def test_display_p3_of_a_heic_without_profile_is_converted(tmp_path: Path) -> None:
    save_heic(tmp_path / "a.heic", primaries=12)
    assert_shows(resize(downloaded(tmp_path / "a.heic"), PNG), DISPLAY_P3, None, COLOUR)


def test_display_p3_of_an_avif_without_profile_is_converted(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture(SIZE, colour=COLOUR).save(buffer, "AVIF", quality=95)
    data = buffer.getvalue()
    assert data.count(b"colrnclx\0\1") == 1
    (tmp_path / "a.avif").write_bytes(data.replace(b"colrnclx\0\1", b"colrnclx\0\x0c"))
    assert_shows(resize(downloaded(tmp_path / "a.avif"), PNG), DISPLAY_P3, None, COLOUR)


@pytest.mark.parametrize("cut", [50, 150, 200, 230])
def test_an_avif_whose_boxes_end_early_says_nothing_about_colour(tmp_path: Path, cut: int) -> None:
    buffer = io.BytesIO()
    picture(SIZE).save(buffer, "AVIF")
    assert avif_code_points(io.BytesIO(buffer.getvalue()[:cut])) is None


def test_a_profile_for_rgb_on_grey_means_its_greys(tmp_path: Path) -> None:
    Image.new("L", SIZE, 90).save(tmp_path / "a.png", icc_profile=rgb_profile(ADOBE_RGB, 1.0))
    with opened(resize(downloaded(tmp_path / "a.png"), PNG)) as image:
        assert image.mode == "L"
        level = image.getpixel((9, 9))
    assert isinstance(level, (int, float))
    assert abs(level - srgb_encoded(90 / 255)) <= 1


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
def test_keep_leaves_the_pixels_and_carries_the_profile_along(tmp_path: Path, mode: str) -> None:
    profile = rgb_profile(DISPLAY_P3, None) if "RGB" in mode else grey_profile(1.8)
    image = picture(SIZE).convert(mode)
    if mode.endswith("A"):
        image.putalpha(Image.linear_gradient("L").resize(SIZE))
    image.save(tmp_path / "a.png", icc_profile=profile)
    with opened(resize(downloaded(tmp_path / "a.png"), KEEP)) as kept:
        assert kept.info["icc_profile"] == profile
        assert kept.mode == mode
        assert kept.tobytes() == image.tobytes()


def test_keep_leaves_a_picture_without_profile_without_one(tmp_path: Path) -> None:
    picture(SIZE).save(tmp_path / "a.png")
    with opened(resize(downloaded(tmp_path / "a.png"), KEEP)) as kept:
        assert "icc_profile" not in kept.info


def test_keep_gives_a_profile_to_colours_that_were_only_described(tmp_path: Path) -> None:
    with opened(resize(downloaded(png(tmp_path / "a.png", chrm(*P3_LIGHTS))), KEEP)) as kept:
        assert kept.getpixel((9, 9)) == COLOUR
        profile = ImageCms.ImageCmsProfile(io.BytesIO(kept.info["icc_profile"])).profile
    assert profile.red_colorant
    assert profile.red_colorant[0] == pytest.approx(DISPLAY_P3[0], abs=2e-4)


def test_keep_marks_exif_as_not_srgb(tmp_path: Path) -> None:
    for profile, space in ((rgb_profile(DISPLAY_P3, None), 65535), (SRGB_PROFILE, 1), (None, 1)):
        picture(SIZE).save(tmp_path / "a.jpg", exif=adobe_exif(1, "R98"), icc_profile=profile)
        with opened(resize(downloaded(tmp_path / "a.jpg"), ResizeSettings(color="keep"))) as kept:
            assert kept.getexif().get_ifd(0x8769)[40961] == space


@pytest.mark.parametrize("out", ["jpeg", "png", "webp", "avif"])
def test_keep_never_lets_cmyk_out(tmp_path: Path, out: str) -> None:
    profile = cmyk_profile(lambda inks: (0, 0, 0) if any(inks) else (100, 0, 0))
    Image.new("CMYK", SIZE).save(tmp_path / "a.tif", icc_profile=profile)
    result = resize(downloaded(tmp_path / "a.tif"), ResizeSettings(format=out, color="keep"))
    with opened(result) as image:
        assert image.mode == "RGB"
        assert image.info["icc_profile"] == SRGB_PROFILE
    assert differ_by(middle(result), (255, 255, 255)) <= 1


def test_keep_converts_grey_where_the_format_has_no_grey(tmp_path: Path) -> None:
    Image.new("L", SIZE, 55).save(tmp_path / "a.png", icc_profile=grey_profile(1.0))
    result = resize(downloaded(tmp_path / "a.png"), ResizeSettings(format="webp", color="keep", quality=95))
    wanted = srgb_encoded(55 / 255)
    assert differ_by(middle(result), (wanted, wanted, wanted)) <= 2
    with opened(result) as image:
        assert "icc_profile" not in image.info


def test_keep_does_not_carry_a_broken_profile(tmp_path: Path) -> None:
    picture(SIZE).save(tmp_path / "a.png", icc_profile=b"no profile at all")
    result = resize(downloaded(tmp_path / "a.png"), KEEP)
    assert result.rendition.warnings == ("the colour profile could not be read; treated as sRGB",)
    with opened(result) as image:
        assert image.info["icc_profile"] == SRGB_PROFILE


@pytest.mark.parametrize("profile", [SRGB_PROFILE, rgb_profile(SRGB_COLORANTS, None)], ids=["littleCMS's", "by hand"])
def test_a_profile_that_behaves_like_srgb_is_not_applied(profile: bytes) -> None:
    image = picture(SIZE)
    assert conversion(profile, "RGB").transform is None
    assert convert_colour(image, profile, "srgb").image is image


def test_profiles_near_srgb_are_applied() -> None:
    assert conversion(rgb_profile(SRGB_COLORANTS, 2.2), "RGB").transform is not None
    assert conversion(rgb_profile(DISPLAY_P3, None), "RGB").transform is not None
    assert conversion(grey_profile(2.2), "L").table is not None


def test_conversions_are_built_once_and_the_oldest_forgotten() -> None:
    first = conversion(rgb_profile(ADOBE_RGB, 1.5), "RGB")
    assert conversion(rgb_profile(ADOBE_RGB, 1.5), "RGB") is first
    for number in range(MAX_CACHED):
        conversion(rgb_profile(ADOBE_RGB, 1.6 + number / 10), "RGB")
    assert conversion(rgb_profile(ADOBE_RGB, 1.5), "RGB") is not first


def test_threads_share_a_conversion_and_get_the_same_colours() -> None:
    image, profile = picture((640, 480)).convert("CMYK"), cmyk_profile(lambda inks: (100 - 24 * sum(inks), 9, 9))
    alone = convert_colour(image, profile, "srgb").image.tobytes()
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda _: convert_colour(image, profile, "srgb").image.tobytes(), range(24), timeout=20)
        assert all(one == alone for one in together)


def test_ycbcr_stays_where_no_colour_changes_and_is_converted_where_one_does() -> None:
    image = picture(SIZE).convert("YCbCr")
    assert convert_colour(image, None, "srgb").image is image
    assert convert_colour(image, SRGB_PROFILE, "srgb").image is image
    wide = rgb_profile(ADOBE_RGB, 2.2)
    as_rgb = convert_colour(image.convert("RGB"), wide, "srgb").image
    assert convert_colour(image, wide, "srgb").image.tobytes() == as_rgb.tobytes()


def test_profiles_we_write_are_sound_and_say_what_they_should() -> None:
    data = icc_profile.rgb_profile(ADOBE_LIGHTS, icc_profile.gamma_curve(563 / 256))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
    found = (profile.red_colorant, profile.green_colorant, profile.blue_colorant)
    for light, wanted in zip(found, ADOBE_RGB, strict=True):
        assert light
        assert light[0] == pytest.approx(wanted, abs=2e-4)
    assert profile.media_white_point
    assert profile.media_white_point[0] == pytest.approx(D50, abs=1e-4)
    assert (profile.version, profile.xcolor_space) == (4.4, "RGB ")
    assert len(data) == int.from_bytes(data[:4], "big")
    assert conversion(icc_profile.rgb_profile(SRGB, icc_profile.SRGB_CURVE), "RGB").transform is None


def test_png_texts_are_no_colour(tmp_path: Path) -> None:
    texts = PngInfo()
    texts.add_text("gamma", "nonsense")
    texts.add_text("srgb", "nonsense")
    picture(SIZE, colour=COLOUR).save(tmp_path / "a.png", pnginfo=texts)
    assert middle(resize(downloaded(tmp_path / "a.png"), PNG)) == COLOUR


@pytest.mark.parametrize("name", ["a.png", "a.avif", "a.jpg"])
def test_asking_for_colours_leaves_the_file_where_it_was(tmp_path: Path, name: str) -> None:
    picture(SIZE).save(tmp_path / name)
    with open(tmp_path / name, "rb") as file, Image.open(file) as image:
        file.seek(17)
        assert source_profile(image, Image.Exif(), file) is None
        assert file.tell() == 17
