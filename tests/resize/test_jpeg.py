"""JPEGs decoded no larger than needed: as good as from a full decode, not shifted, and no less strict."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from math import log10
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat, JpegImagePlugin
from support.photos import downloaded, sent
from support.pictures import camera_exif, picture

from photopipe.errors import PhotoUnreadable
from photopipe.resize.jpeg import decode_jpeg as jpeg
from photopipe.resize.pixels.fit import placement_of
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

NOISE = 6
"""What JPEG adds around an edge, at most."""


@cache
def photograph(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Gradients, edges, and the grain of a sensor that is finer than a rendition can show."""
    grain = Image.merge("RGB", [Image.effect_noise(size, 24).rotate(90 * turn) for turn in (0, 2, 0)])
    return ImageChops.add(picture(size, seed=seed), grain, scale=1.0, offset=-128)


def saved(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **{"quality": 92, "subsampling": "4:2:0"} | options)
    return buffer.getvalue()


def rendition(tmp_path: Path, data: bytes, side_px: int, **options: object) -> Image.Image:
    (tmp_path / "a.jpg").write_bytes(data)
    settings = ResizeSettings(max_width_px=side_px, max_height_px=side_px, **options)  # type: ignore[arg-type]  # any setting
    return Image.open(io.BytesIO(sent(resize(downloaded(tmp_path / "a.jpg"), settings))))


def psnr_db(one: Image.Image, other: Image.Image) -> float:
    difference = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return 20 * log10(255) - 10 * log10(sum(difference.sum2) / sum(difference.count) + 1e-9)


def decoded(data: bytes, side_px: int = 200) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    placement = placement_of(image.size, 1, ResizeSettings(max_width_px=side_px, max_height_px=side_px))
    return jpeg.load_jpeg(image, placement)[0]


@pytest.mark.parametrize("subsampling", ["4:2:2", "4:2:0"])
@pytest.mark.parametrize("side_px", [1101, 600, 331, 170])
def test_it_is_as_good_as_from_a_full_decode(tmp_path: Path, decoder: str, side_px: int, subsampling: str) -> None:
    data = saved(photograph((1213, 910)), subsampling=subsampling)
    ours = rendition(tmp_path, data, side_px)
    reference = Image.open(io.BytesIO(data)).resize(ours.size, Image.Resampling.LANCZOS)
    dear = Image.open(io.BytesIO(saved(reference, quality=85)))
    assert psnr_db(ours, reference) >= psnr_db(dear, reference) - 0.4


@pytest.mark.parametrize("side_px", [1300, 825, 500, 333, 200])
def test_nothing_is_shifted(tmp_path: Path, decoder: str, side_px: int) -> None:
    """Bars of red on green, so that luma and chroma both have an edge; the middle of each stays where it was."""
    source = Image.new("RGB", (1613, 1211), (20, 90, 30))
    draw = ImageDraw.Draw(source)
    boxes = [(left, upper, left + 120, upper + 120) for left in (100, 700, 1400) for upper in (100, 500, 1000)]
    for box in boxes:
        draw.rectangle(box, fill=(250, 120, 230))
    source = source.filter(ImageFilter.GaussianBlur(9))  # softer than any grid of samples
    ours = rendition(tmp_path, saved(source, quality=97), side_px)
    reference = Image.open(io.BytesIO(saved(source.resize(ours.size, Image.Resampling.LANCZOS), quality=85)))
    scale = ours.width / source.width
    for channel in ("Y", "Cb", "Cr"):
        for box in boxes:
            around = tuple(round(edge) for edge in (scale * (box[0] - 60), scale * (box[1] - 60)))
            part = (
                *around,
                min(ours.width, round(scale * (box[2] + 60))),
                min(ours.height, round(scale * (box[3] + 60))),
            )
            moved = [a - b for a, b in zip(*(middle(image, channel, part) for image in (ours, reference)), strict=True)]
            assert max(abs(step) for step in moved) < 0.2, (channel, box, moved)


def middle(image: Image.Image, channel: str, part: tuple[int, ...]) -> tuple[float, float]:
    """Centre of mass of what differs from the part's upper left corner."""
    plane = image.convert("YCbCr").getchannel(channel).crop((part[0], part[1], part[2], part[3]))
    ground = plane.getpixel((1, 1))
    assert isinstance(ground, (int, float))
    mass = plane.point(lambda value: max(0, abs(value - ground) - NOISE))
    columns, rows = (
        mass.resize((mass.width, 1), Image.Resampling.BOX),
        mass.resize((1, mass.height), Image.Resampling.BOX),
    )
    return weighted(columns.tobytes()), weighted(rows.tobytes())


def weighted(masses: bytes) -> float:
    return sum(place * mass for place, mass in enumerate(masses)) / sum(masses)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("side_px", [201, 202])
def test_colours_stay_with_edges_when_turned(tmp_path: Path, decoder: str, orientation: int, side_px: int) -> None:
    source = picture((805, 603), seed=2)
    data = saved(source, quality=95, exif=camera_exif(orientation=orientation))
    ours = rendition(tmp_path, data, side_px).convert("RGB")
    turned = Image.open(io.BytesIO(data))
    reference = ImageOps.exif_transpose(turned).resize(ours.size, Image.Resampling.LANCZOS)
    dear = Image.open(io.BytesIO(saved(reference, quality=85)))
    assert psnr_db(ours, reference) >= psnr_db(dear, reference) - 0.4


def test_most_jpegs_are_decoded_by_simplejpeg_into_the_picture_itself(decoder: str) -> None:
    source = picture((800, 600))
    for options in (
        {},
        {"progressive": True},
        {"subsampling": "4:2:2"},
        {"subsampling": "4:4:4"},
        {"restart_marker_rows": 1},
    ):
        assert decoded(saved(source, **options)).mode == ("RGB" if decoder == "Pillow alone" else "RGBX")


def test_kinds_that_are_not_luma_and_chroma_are_left_to_pillow(decoder: str) -> None:
    source = picture((800, 600))
    kinds = [
        saved(source.convert("L")),
        saved(source.convert("CMYK"), subsampling=0),
        saved(source, keep_rgb=True, subsampling=0),
    ]
    for data in kinds:
        image = decoded(data)
        assert image.mode != "RGBX"
        assert image.size == (400, 300)


def test_rgb_and_cmyk_keep_their_colours(tmp_path: Path, decoder: str) -> None:
    red = Image.new("RGB", (800, 600), (200, 30, 40))
    ours = rendition(tmp_path, saved(red, keep_rgb=True, subsampling=0), 200).convert("RGB").getpixel((100, 75))
    assert isinstance(ours, tuple)
    assert max(abs(a - b) for a, b in zip(ours, (200, 30, 40), strict=True)) <= 3


def without_jfif(data: bytes) -> bytes:
    assert data[2:4] == b"\xff\xe0"
    return data[:2] + data[4 + int.from_bytes(data[4:6]) :]


@pytest.mark.parametrize("transform", [None, 0, 1])
def test_the_adobe_marker_decides_where_there_is_no_jfif(decoder: str, transform: int | None) -> None:
    data = without_jfif(saved(picture((320, 240), colour=(200, 30, 40)), subsampling=0))
    if transform is not None:
        data = data[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform]) + data[2:]
    full = Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5))
    image = decoded(data, 320)
    assert image.mode == "RGB" or transform != 0
    assert image.convert("RGB").getpixel((5, 5)) == pytest.approx(full, abs=2)


def test_a_jpeg_that_ends_early_is_refused(tmp_path: Path, decoder: str) -> None:
    data = saved(photograph((640, 480)))
    for kept in (len(data) // 2, len(data) - 40, len(data) - 3):
        with pytest.raises(PhotoUnreadable):
            rendition(tmp_path, data[:kept], 200)


def test_what_the_decoder_warns_of_is_refused(tmp_path: Path, decoder: str) -> None:
    """Pillow drops libjpeg's warnings; simplejpeg reports them, and then part of the picture is invented."""
    if decoder == "Pillow alone":
        pytest.skip("Pillow does not tell")
    data = bytearray(saved(photograph((640, 480))))
    middle_of_it = len(data) // 2
    data[middle_of_it : middle_of_it + 2] = b"\xff\xd3"
    with pytest.raises(PhotoUnreadable):
        rendition(tmp_path, bytes(data), 200)


def test_bytes_that_belong_to_no_segment_do_not_cost_a_whole_photo(tmp_path: Path, decoder: str) -> None:
    data = saved(picture((640, 480), seed=1))
    whole = rendition(tmp_path, data, 200)
    padded = rendition(tmp_path, data.replace(b"\xff\xda", b"\x12\x34\xff\xda", 1), 200)
    assert max(ImageStat.Stat(ImageChops.difference(whole, padded)).mean) < NOISE / 2  # by another decoder


def test_flipped_bits_never_do_more_than_a_refusal(tmp_path: Path, decoder: str) -> None:
    data = saved(photograph((320, 240)))
    chance = random.Random(5)
    for _ in range(60):
        broken = bytearray(data)
        broken[chance.randrange(2, len(data))] ^= 1 << chance.randrange(8)
        try:
            assert max(rendition(tmp_path, bytes(broken), 100).size) <= 100
        except PhotoUnreadable:
            continue


def test_threads_give_the_same_bytes(tmp_path: Path, decoder: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(photograph((1213, 910))))
    photo, settings = downloaded(path), ResizeSettings(max_width_px=601, max_height_px=601)
    with ThreadPoolExecutor(4) as pool:
        renditions = list(pool.map(lambda _: sent(resize(photo, settings)), range(12)))
    assert set(renditions) == {renditions[0]}


def test_a_photo_may_be_enlarged(tmp_path: Path, decoder: str) -> None:
    ours = rendition(tmp_path, saved(picture((101, 77))), 303, enlarge=True)
    assert ours.size == (303, 231)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2), (17, 33)])
def test_tiny_and_thin_jpegs_pass(tmp_path: Path, decoder: str, size: tuple[int, int]) -> None:
    colour = (200, 30, 40)
    ours = rendition(tmp_path, saved(picture(size, colour=colour)), 40).convert("RGB").getpixel((0, 0))
    assert ours == pytest.approx(colour, abs=6)


@pytest.mark.parametrize("quality", [70, 95])
@pytest.mark.parametrize("fit", ["inside", "cover", "exact"])
@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_every_fit_and_format_shows_the_same_colours(
    tmp_path: Path, decoder: str, fit: str, form: str, quality: int
) -> None:
    (tmp_path / "a.jpg").write_bytes(saved(Image.new("RGB", (805, 603), (200, 90, 40))))
    settings = ResizeSettings(max_width_px=99, max_height_px=99, fit=fit, format=form, quality=quality)  # type: ignore[arg-type]
    ours = Image.open(io.BytesIO(sent(resize(downloaded(tmp_path / "a.jpg"), settings)))).convert("RGB")
    assert ours.getpixel((49, 49)) == pytest.approx((200, 90, 40), abs=3)
