"""The size of the rendition, and its orientation."""

import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from support.photos import downloaded, sent
from support.pictures import BLOCKS, SIDES, card_colours, differ_by, make_jpeg, orientation_card, picture, raw_exif

from photopipe.photo import ResizedPhoto
from photopipe.resize.input.picture import Decoded, Opened, load_pixels
from photopipe.resize.output.encode import FORMATS
from photopipe.resize.pixels.fit import Placement, placement_of
from photopipe.resize.resize import resize, resize_all
from photopipe.settings import ResizeSettings


def size_of(result: ResizedPhoto) -> tuple[int, int]:
    with Image.open(io.BytesIO(sent(result)), formats=["JPEG"]) as image:
        assert image.size == (result.rendition.width_px, result.rendition.height_px)
        return image.size


def fit(width_px: int, height_px: int, side_px: int) -> tuple[int, int]:
    settings = ResizeSettings(max_width_px=side_px, max_height_px=side_px)
    return placement_of((width_px, height_px), 1, settings, FORMATS["jpeg"].longest_side_px).size


@pytest.mark.parametrize(
    ("source", "side", "wanted"),
    [
        ((4000, 3000), 2000, (2000, 1500)),
        ((3000, 4000), 2000, (1500, 2000)),
        ((4001, 3000), 2000, (2000, 1500)),
        ((2000, 2000), 2000, (2000, 2000)),
        ((640, 480), 2000, (640, 480)),
        ((60_000, 1), 2000, (2000, 1)),
        ((1, 1), 1, (1, 1)),
        ((70_000, 700), 100_000, (65_500, 655)),
    ],
)
def test_a_size_fits_the_box(source: tuple[int, int], side: int, wanted: tuple[int, int]) -> None:
    assert fit(*source, side) == wanted


@given(st.integers(1, 40_000), st.integers(1, 40_000), st.integers(1, 30_000))
def test_a_fitted_size_keeps_the_shape_and_is_never_larger(width_px: int, height_px: int, side_px: int) -> None:
    fitted = fit(width_px, height_px, side_px)
    assert 1 <= fitted[0] <= min(width_px, side_px)
    assert 1 <= fitted[1] <= min(height_px, side_px)
    assert abs(fitted[0] * height_px - fitted[1] * width_px) <= max(width_px, height_px)
    assert fit(height_px, width_px, side_px) == fitted[::-1]


@settings(max_examples=25, deadline=5000)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200), st.sampled_from([1, 3, 6]))
def test_a_photo_of_any_size_keeps_its_shape(
    tmp_path_factory: pytest.TempPathFactory, width_px: int, height_px: int, side_px: int, orientation: int
) -> None:
    path = tmp_path_factory.mktemp("shape") / "a.jpg"
    make_jpeg(path, (width_px, height_px), orientation=orientation)
    wanted = fit(width_px, height_px, side_px)
    result = resize(downloaded(path), ResizeSettings(max_width_px=side_px, max_height_px=side_px))
    assert size_of(result) == (wanted[::-1] if orientation == 6 else wanted)


def test_a_small_photo_is_never_enlarged(tmp_path: Path) -> None:
    result = resize(
        downloaded(make_jpeg(tmp_path / "a.jpg", (320, 240))), ResizeSettings(max_width_px=2048, max_height_px=2048)
    )
    assert size_of(result) == (320, 240)


def test_a_large_jpeg_is_shrunk_by_the_decoder_to_the_same_picture_as_a_large_png(tmp_path: Path) -> None:
    large = picture((807, 603), seed=3)
    large.save(tmp_path / "a.jpg", quality=98, subsampling=0)
    large.save(tmp_path / "a.png")
    box = ResizeSettings(max_width_px=150, max_height_px=150, quality=95)
    from_jpeg, from_png = (resize(downloaded(tmp_path / name), box) for name in ("a.jpg", "a.png"))
    assert size_of(from_jpeg) == size_of(from_png) == (150, 112)
    assert mean_difference(sent(from_jpeg), sent(from_png)) < 1.0


def test_a_jpeg_reduced_by_the_decoder_is_not_shifted(tmp_path: Path) -> None:
    """65 pixels become 8.125, so the decoder returns nine, the last of them an eighth of a pixel wide."""
    halves = Image.new("L", (130, 130), 0)
    halves.paste(255, (65, 0, 130, 130))
    halves.resize((65, 65)).save(tmp_path / "a.jpg", quality=95)
    result = resize(downloaded(tmp_path / "a.jpg"), ResizeSettings(max_width_px=4, max_height_px=4, quality=95))
    with Image.open(io.BytesIO(sent(result))) as image:
        left, right = image.tobytes()[5:7]
    assert abs(left + right - 255) <= 8


def mean_difference(one: bytes, other: bytes) -> float:
    with Image.open(io.BytesIO(one)) as left, Image.open(io.BytesIO(other)) as right:
        pairs = list(zip(left.convert("L").tobytes(), right.convert("L").tobytes(), strict=True))
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.webp", "a.png", "a.heic"])
def test_every_orientation_of_every_format_becomes_the_one_upright_picture(
    tmp_path: Path, name: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    options = {"a.webp": {"lossless": True}}.get(name, {"quality": 95})
    orientation_card(orientation).save(tmp_path / name, exif=exif.tobytes(), **options)
    result = resize(downloaded(tmp_path / name), ResizeSettings(max_width_px=72, max_height_px=72, quality=95))
    assert size_of(result) == (72, 48)
    assert_upright(result)


def assert_upright(result: ResizedPhoto) -> None:
    with Image.open(io.BytesIO(sent(result))) as image:
        assert image.getexif().get(274, 1) == 1
        seen = card_colours(image)
    far = [
        (got, want)
        for rows in zip(seen, BLOCKS, strict=True)
        for got, want in zip(*rows, strict=True)
        if differ_by(got, want) > 12
    ]
    assert far == []


def test_exif_does_not_turn_a_heic_that_its_container_does_not_turn(tmp_path: Path) -> None:
    """ISO/IEC 23008-12: orientation is a property of the item (irot, imir); EXIF's is only informative."""
    exif = Image.Exif()
    exif[274] = 6
    orientation_card().save(tmp_path / "a.heic", exif=exif, quality=95)
    assert b"irot" not in (tmp_path / "a.heic").read_bytes()
    assert_upright(resize(downloaded(tmp_path / "a.heic"), ResizeSettings(quality=95)))


SHORT, ASCII, RATIONAL, UNDEFINED = 3, 2, 5, 7


@pytest.mark.parametrize(
    ("kind", "count", "value"),
    [
        (SHORT, 1, b"\0\0"),
        (SHORT, 1, b"\x09\0"),
        (SHORT, 1, b"\xff\xff"),
        (SHORT, 0, b""),
        (ASCII, 2, b"6\0"),
        (UNDEFINED, 1, b"\x06"),
        (RATIONAL, 1, b"\x06\0\0\0\x01\0\0\0"),
        (99, 1, b"\x06\0"),
    ],
)
def test_a_meaningless_orientation_counts_as_upright(tmp_path: Path, kind: int, count: int, value: bytes) -> None:
    block = raw_exif([(274, kind, count, value)])
    orientation_card().save(tmp_path / "a.jpg", quality=95, exif=block)
    assert_upright(resize(downloaded(tmp_path / "a.jpg"), ResizeSettings(quality=95)))


def test_several_renditions_come_from_one_decode_and_are_as_if_made_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", (640, 480), orientation=6))
    wanted = [
        ("web", ResizeSettings(200, 200)),
        ("thumb", ResizeSettings(64, 64, fit="cover")),
        ("card", ResizeSettings(100, 60, fit="exact")),
    ]
    decoded = []

    def counting(opened: Opened, placement: Placement, max_pixels: int) -> Decoded:
        decoded.append(placement.size)
        return load_pixels(opened, placement, max_pixels)

    monkeypatch.setattr("photopipe.resize.resize.load_pixels", counting)
    together = resize_all(photo, wanted)
    assert [(one.rendition.name, size_of(one)) for one in together] == [
        ("web", (150, 200)), ("thumb", (64, 64)), ("card", (100, 60)),
    ]  # fmt: skip
    assert decoded == [(200, 150)]
    for (_, recipe), one in zip(wanted, together, strict=True):
        alone = resize(photo, recipe)
        with Image.open(io.BytesIO(sent(one))) as made, Image.open(io.BytesIO(sent(alone))) as expected:
            difference = ImageChops.difference(made.convert("RGB"), expected.convert("RGB"))
            assert max(ImageStat.Stat(difference).mean) < 2


@settings(max_examples=30, deadline=5000)
@given(
    sides=st.tuples(st.integers(1, 260), st.integers(1, 260), st.integers(1, 200), st.integers(1, 200)),
    fit=st.sampled_from(["inside", "cover", "exact"]),
    orientation=st.sampled_from([1, 2, 6, 7]),
    enlarge=st.booleans(),
)
def test_resizing_twice_gives_the_first_result(
    tmp_path_factory: pytest.TempPathFactory,
    sides: tuple[int, int, int, int],
    fit: Literal["inside", "cover", "exact"],
    orientation: int,
    enlarge: bool,
) -> None:
    """To the pixel, in a format without loss; except where `cover` would have to show less than a pixel."""
    folder = tmp_path_factory.mktemp("twice")
    width_px, height_px, box_width_px, box_height_px = sides
    recipe = ResizeSettings(box_width_px, box_height_px, fit=fit, enlarge=enlarge, format="png")
    left, upper, right, lower = placement_of((width_px, height_px), orientation, recipe).crop
    assume(fit != "cover" or min(right - left, lower - upper) > 1)
    once = resize(downloaded(make_jpeg(folder / "a.jpg", (width_px, height_px), orientation=orientation)), recipe)
    assert once.data is not None
    (folder / "b.png").write_bytes(once.data)
    twice = resize(downloaded(folder / "b.png"), recipe)
    assert twice.data is not None
    with Image.open(io.BytesIO(once.data)) as one, Image.open(io.BytesIO(twice.data)) as other:
        assert one.size == other.size
        assert ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 3000), st.integers(1, 3000), st.booleans())
def test_what_cover_shows_is_inside_the_picture(
    width_px: int, height_px: int, box_width_px: int, box_height_px: int, enlarge: bool
) -> None:
    """A part that begins at -1e-15 would be refused by Pillow."""
    wanted = ResizeSettings(box_width_px, box_height_px, fit="cover", enlarge=enlarge)
    left, upper, right, lower = placement_of((width_px, height_px), 1, wanted).crop
    assert 0 <= left < right <= width_px
    assert 0 <= upper < lower <= height_px


def test_a_cover_whose_part_is_found_in_floating_point_is_not_refused(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", (61, 4)))
    assert size_of(resize(photo, ResizeSettings(19, 1, fit="cover"))) == (19, 1)
