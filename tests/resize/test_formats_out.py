"""Output: each format decodes to the picture and its metadata, with the same bytes every time."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from support.photos import downloaded, sent
from support.pictures import Rgb, camera_exif, differ_by, picture

from photopipe.errors import PhotoTooLarge
from photopipe.photo import ResizedPhoto
from photopipe.resize.colour.colour import Colour, convert_colour
from photopipe.resize.colour.transform import SRGB_PROFILE
from photopipe.resize.finish.background import flatten, pad
from photopipe.resize.output.avif import avif_quality
from photopipe.resize.output.encode import FORMATS, Encoded, can_be_written, encode, output_format
from photopipe.resize.output.jpeg import write_jpeg
from photopipe.resize.output.output_format import Attachments
from photopipe.resize.resize import resize
from photopipe.settings import OutputFormat, ResizeSettings

ALL: tuple[OutputFormat, ...] = ("jpeg", "webp", "avif", "png")
WITH_ALPHA: tuple[OutputFormat, ...] = ("webp", "avif", "png")
KINDS = {
    "jpeg": ("JPEG", "image/jpeg", ".jpg"),
    "webp": ("WEBP", "image/webp", ".webp"),
    "avif": ("AVIF", "image/avif", ".avif"),
    "png": ("PNG", "image/png", ".png"),
}
SIZE = (128, 96)
NOTHING = Attachments()


def encoded_as(image: Image.Image, settings: ResizeSettings, attached: Attachments) -> Encoded:
    return encode(image, settings, output_format(settings.format, "PNG"), attached)


def jpeg(image: Image.Image, quality: int = 85, *, progressive: bool = False) -> bytes:
    file = io.BytesIO()
    write_jpeg(file, image, quality, NOTHING, progressive=progressive)
    return file.getvalue()


def made(path: Path, image: Image.Image, settings: ResizeSettings) -> ResizedPhoto:
    image.save(path)
    return resize(downloaded(path), settings)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixel(image: Image.Image, x: int, y: int) -> Rgb:
    found = image.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@pytest.mark.parametrize("out", ALL)
def test_each_format_shows_the_picture_and_is_described_truthfully(tmp_path: Path, out: OutputFormat) -> None:
    source = picture((640, 480), seed=4)
    result = made(tmp_path / "IMG_7.PNG", source, ResizeSettings(format=out))
    kind, content_type, extension = KINDS[out]
    with opened(sent(result)) as image:
        assert (image.format, image.size, image.mode) == (kind, (640, 480), "RGB")
        assert mean_difference(image, source) < (0.001 if out == "png" else 3)
        assert image.info["icc_profile"] == SRGB_PROFILE
    assert result.rendition.content_type == content_type
    assert result.rendition.file_name == "IMG_7" + extension
    assert result.rendition.warnings == ()


@pytest.mark.parametrize("out", ALL)
def test_the_bytes_are_the_same_every_time_and_from_any_thread(tmp_path: Path, out: OutputFormat) -> None:
    picture((640, 480), seed=3).save(tmp_path / "a.png", exif=camera_exif())
    photo, settings = downloaded(tmp_path / "a.png"), ResizeSettings(format=out, max_bytes=400_000)
    first = sent(resize(photo, settings))
    with ThreadPoolExecutor(2) as pool:
        assert all(sent(again) == first for again in pool.map(lambda _: resize(photo, settings), range(4), timeout=30))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", "JPEG"),
        ("a.png", "PNG"),
        ("a.webp", "WEBP"),
        ("a.avif", "AVIF"),
        ("a.heic", "JPEG"),
        ("a.tif", "JPEG"),
    ],
)
def test_keep_writes_what_came_in_where_that_can_be_written(tmp_path: Path, name: str, kind: str) -> None:
    result = made(tmp_path / name, picture(SIZE), ResizeSettings(format="keep"))
    with opened(sent(result)) as image:
        assert image.format == kind
    assert result.rendition.content_type == Image.MIME[kind]


def test_keep_goes_by_the_bytes_and_not_by_the_name(tmp_path: Path) -> None:
    picture(SIZE).save(tmp_path / "a.jpg", "PNG")
    result = resize(downloaded(tmp_path / "a.jpg"), ResizeSettings(format="keep"))
    assert result.rendition.file_name == "a.png"


def see_through(mode: str = "RGBA") -> Image.Image:
    """Opaque on the left, transparent on the right, with a colour that JPEG would show if alpha were dropped."""
    image = picture(SIZE, colour=(200, 60, 50)).convert(mode)
    alpha = Image.new("L", SIZE, 0)
    alpha.paste(255, (0, 0, SIZE[0] // 2, SIZE[1]))
    image.putalpha(alpha)
    return image


@pytest.mark.parametrize("out", WITH_ALPHA)
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_kept_where_the_format_has_it(tmp_path: Path, out: OutputFormat, mode: str) -> None:
    source = see_through(mode)
    with opened(sent(made(tmp_path / "a.png", source, ResizeSettings(format=out, quality=95)))) as image:
        clear = image.convert("RGBA")
        assert clear.getchannel("A").getextrema() == (0, 255)
        assert clear.getchannel("A").getpixel((10, 10)) == 255
        assert clear.getchannel("A").getpixel((120, 10)) == 0
        assert differ_by(pixel(image, 20, 40), pixel(source, 20, 40)) <= 4


@pytest.mark.parametrize("background", ["#ffffff", "#000000", "#102080"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_jpeg_shows_the_background_where_the_picture_is_clear(tmp_path: Path, background: str, mode: str) -> None:
    settings = ResizeSettings(background=background, quality=95)
    wanted = tuple(bytes.fromhex(background[1:]))
    with opened(sent(made(tmp_path / "a.png", see_through(mode), settings))) as image:
        assert differ_by(pixel(image, 110, 50), (wanted[0], wanted[1], wanted[2])) <= 3
        assert differ_by(pixel(image, 20, 50), pixel(see_through(mode), 20, 50)) <= 4
        assert image.mode == ("L" if mode == "LA" and background != "#102080" else "RGB")


@pytest.mark.parametrize("out", WITH_ALPHA)
def test_alpha_that_hides_nothing_is_left_out(tmp_path: Path, out: OutputFormat) -> None:
    with opened(sent(made(tmp_path / "a.png", picture(SIZE).convert("RGBA"), ResizeSettings(format=out)))) as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize("out", ALL)
def test_grey_stays_grey_to_the_eye(tmp_path: Path, out: OutputFormat) -> None:
    source = picture(SIZE).convert("L")
    with opened(sent(made(tmp_path / "a.png", source, ResizeSettings(format=out)))) as image:
        assert image.mode == ("RGB" if out == "webp" else "L")
        assert mean_difference(image, source) < 4
        assert "icc_profile" not in image.info


@pytest.mark.parametrize("mode", ["L", "RGB", "YCbCr", "LA", "RGBA"])
def test_padding_has_the_colour_of_the_background_in_every_mode(mode: str) -> None:
    image = Image.new("RGB", (10, 20), (90, 90, 90)).convert(mode)
    padded = pad(Colour(image, None), (40, 20), "#c04020").image
    assert padded.size == (40, 20)
    assert differ_by(pixel(padded, 2, 10), (0xC0, 0x40, 0x20)) <= 1
    assert differ_by(pixel(padded, 20, 10), (90, 90, 90)) <= 1


def test_padding_is_not_converted_by_the_pictures_profile(tmp_path: Path) -> None:
    from support.profiles import ADOBE_RGB, rgb_profile

    picture((40, 20)).save(tmp_path / "a.png", icc_profile=rgb_profile(ADOBE_RGB, 1.0))
    settings = ResizeSettings(40, 40, fit="exact", background="#c04020", format="png")
    with opened(sent(resize(downloaded(tmp_path / "a.png"), settings))) as image:
        assert pixel(image, 20, 3) == (0xC0, 0x40, 0x20)


def test_grey_that_keeps_its_profile_stays_grey_on_any_background() -> None:
    kept = Colour(Image.new("LA", (4, 4), (90, 128)), b"a profile for grey")
    flat = flatten(kept, "#102080")
    assert (flat.image.mode, flat.icc) == ("L", b"a profile for grey")


@pytest.mark.parametrize("out", ALL)
def test_exif_xmp_and_profile_go_into_every_format(out: OutputFormat) -> None:
    exif = camera_exif().tobytes()
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>\xc3\xbc</a></x:xmpmeta>"
    attached = Attachments(exif, packet, SRGB_PROFILE)
    data = encoded_as(picture(SIZE), ResizeSettings(format=out), attached).data
    with opened(data) as image:
        assert image.getexif()[272] == "Shooter 3"
        assert image.info["xmp"] == packet
        assert image.info["icc_profile"] == SRGB_PROFILE


def test_what_a_picture_carries_by_itself_stays_out() -> None:
    image = picture(SIZE)
    image.info = {"comment": b"secret", "xmp": b"secret", "icc_profile": b"secret", "exif": b"Exif\0\0secret"}
    for out in ALL:
        assert b"secret" not in encoded_as(image.copy(), ResizeSettings(format=out), NOTHING).data


def test_xmp_too_long_for_a_jpeg_costs_a_warning() -> None:
    attached = Attachments(xmp=b"x" * 65_503)
    assert len(encoded_as(picture(SIZE), ResizeSettings(), attached).warnings) == 1
    for out in WITH_ALPHA:
        assert encoded_as(picture(SIZE), ResizeSettings(format=out), attached).warnings == ()


@pytest.mark.parametrize(("quality", "steps"), [(1, (2, 2)), (89, (2, 2)), (90, (1, 1)), (95, (1, 1))])
def test_jpeg_stores_colours_in_full_from_quality_90(quality: int, steps: tuple[int, int]) -> None:
    with opened(jpeg(picture(SIZE), quality)) as image:
        assert image.layer[0][1:3] == steps  # type: ignore[attr-defined]  # the JPEG plugin's own attribute


def test_jpeg_is_progressive_only_where_bytes_are_limited() -> None:
    plain = encoded_as(picture(SIZE), ResizeSettings(), NOTHING).data
    rationed = encoded_as(picture(SIZE), ResizeSettings(max_bytes=100_000), NOTHING).data
    assert [data.count(b"\xff\xc2") > 0 for data in (plain, rationed)] == [False, True]
    with opened(plain) as one, opened(rationed) as other:
        assert one.tobytes() == other.tobytes()


def test_jpeg_tables_are_optimised_only_where_bytes_are_limited() -> None:
    def tables(data: bytes) -> bytes:
        start = data.index(b"\xff\xc4")
        return data[start + 5 : start + 33]

    small, large = (jpeg(picture(SIZE, seed=seed)) for seed in (1, 2))
    assert tables(small) == tables(large)
    small, large = (jpeg(picture(SIZE, seed=seed), progressive=True) for seed in (1, 2))
    assert tables(small) != tables(large)


@pytest.mark.parametrize("out", ["jpeg", "webp", "avif"])
def test_quality_changes_the_size_of_lossy_formats(out: OutputFormat) -> None:
    image = picture((256, 192), seed=7)
    sizes = [
        len(encoded_as(image, ResizeSettings(format=out, quality=quality), NOTHING).data) for quality in (20, 60, 95)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


@given(st.integers(1, 95))
def test_more_quality_is_never_less_for_avif(quality: int) -> None:
    assert 0 <= avif_quality(max(1, quality - 1)) <= avif_quality(quality) <= 100


@pytest.mark.parametrize(("out", "side_px"), [("jpeg", 65_501), ("webp", 16_384), ("avif", 32_769)])
def test_a_side_longer_than_the_format_allows_is_refused_in_words(out: OutputFormat, side_px: int) -> None:
    with pytest.raises(PhotoTooLarge, match=rf"{side_px} x 1 pixels, and a side of {out} has at most {side_px - 1}"):
        encoded_as(Image.new("L", (side_px, 1)), ResizeSettings(format=out), NOTHING)


@pytest.mark.parametrize("out", ["jpeg", "webp"])
def test_the_longest_side_of_a_format_can_be_written_and_read(out: OutputFormat) -> None:
    longest = output_format(out, "").longest_side_px
    with opened(encoded_as(Image.new("L", (longest, 1)), ResizeSettings(format=out), NOTHING).data) as image:
        assert image.size == (longest, 1)


def test_an_avif_wider_than_an_av1_tile_can_be_written() -> None:
    with opened(encoded_as(Image.new("RGB", (9000, 8)), ResizeSettings(format="avif"), NOTHING).data) as image:
        assert image.size == (9000, 8)


def test_transparency_survives_conversion_without_touching_the_source() -> None:
    source = see_through()
    before = source.tobytes()
    assert convert_colour(source, None, "keep").image.tobytes() == before
    assert source.tobytes() == before


def test_a_format_whose_library_is_missing_is_known_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(can_be_written(FORMATS[out]) for out in ALL)
    monkeypatch.setattr("PIL.features.check", lambda name: name != "avif")
    assert not can_be_written(FORMATS["avif"])
    assert output_format("keep", "AVIF").name == "jpeg"
