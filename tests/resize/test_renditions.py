"""Several renditions of one photo: smaller ones are made from larger ones where that makes no visible difference."""

import io
from dataclasses import replace
from math import log10
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from support.photos import downloaded
from support.pictures import camera_exif, make_jpeg, picture

from photopipe.assembly import open_line, resize_file
from photopipe.errors import UsageError
from photopipe.photo import ResizedPhoto
from photopipe.resize.metadata import metadata
from photopipe.resize.metadata.metadata import Metadata
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.output.encode import output_format
from photopipe.resize.pixels.fit import Placement, placement_of
from photopipe.resize.pixels.resample_source import ResampleSource, resample_source
from photopipe.resize.resize import resize_all
from photopipe.settings import DownloadSettings, OutputFormat, ResizeSettings, Settings, UploadSettings

SOURCE = (1200, 900)
MOST_LOSS_DB = 0.4


def source_of(smaller: ResizeSettings, *larger: ResizeSettings) -> ResampleSource:
    wanted, *placements = (placement_of(SOURCE, 1, settings) for settings in (smaller, *larger))
    decoded = ResampleSource(Image.new("RGB", SOURCE), wanted.crop)
    return resample_source(decoded, wanted, [(one, Image.new("RGB", one.size)) for one in placements])


def test_the_smallest_that_is_large_enough_is_taken() -> None:
    source = source_of(
        ResizeSettings(100, 100), ResizeSettings(800, 800), ResizeSettings(400, 400), ResizeSettings(120)
    )
    assert source.image.size == (400, 300)
    assert source.crop == pytest.approx((0, 0, 400, 300))


def test_cover_is_cut_out_of_a_larger_one_that_shows_all() -> None:
    source = source_of(ResizeSettings(100, 100, fit="cover"), ResizeSettings(800, 800))
    assert source.image.size == (800, 600)
    assert source.crop == pytest.approx((100, 0, 700, 600))


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        (ResizeSettings(100, 100), ResizeSettings(800, 800, fit="cover")),
        (ResizeSettings(200, 100, fit="cover"), ResizeSettings(800, 800, fit="cover")),
        (ResizeSettings(300, 300), ResizeSettings(400, 400)),
        (ResizeSettings(400, 400), ResizeSettings(100, 100)),
        (ResizeSettings(400, 400), ResizeSettings(2400, 2400, enlarge=True)),
    ],
)
def test_one_that_shows_less_or_is_hardly_larger_or_was_enlarged_is_not_taken(
    smaller: ResizeSettings, larger: ResizeSettings
) -> None:
    assert source_of(smaller, larger).image.size == SOURCE


def test_padding_is_never_part_of_a_smaller_one() -> None:
    source = source_of(ResizeSettings(100, 100), ResizeSettings(800, 800, fit="exact"))
    assert source.image.size == (800, 600)


def psnr_db(image: Image.Image, reference: Image.Image) -> float:
    squares = ImageStat.Stat(ImageChops.difference(image.convert("RGB"), reference)).sum2
    return 10 * log10(255**2 * reference.width * reference.height * 3 / sum(squares))


def opened(result: ResizedPhoto) -> Image.Image:
    assert result.data is not None
    return Image.open(io.BytesIO(result.data))


def decoded(result: ResizedPhoto) -> Image.Image:
    return opened(result).convert("RGB")


CHAIN = [
    ("a", ResizeSettings(800, 800)),
    ("b", ResizeSettings(500, 500)),
    ("c", ResizeSettings(300, 300)),
    ("d", ResizeSettings(130, 130, fit="cover")),
]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_every_one_of_a_chain_is_as_good_as_from_a_full_decode(tmp_path: Path, name: str) -> None:
    grain = Image.effect_noise((1600, 1200), 8)  # photos have some, and without it the encoder loses nothing
    source = ImageChops.add(picture((1600, 1200), seed=4), Image.merge("RGB", [grain] * 3), offset=-128)
    source.save(tmp_path / name, quality=95)
    with Image.open(tmp_path / name) as image:
        full = image.convert("RGB")
    for _, result in zip(CHAIN, resize_all(downloaded(tmp_path / name), CHAIN), strict=True):
        ours = decoded(result)
        crop = (200, 0, 1400, 1200) if ours.width == ours.height else (0, 0, 1600, 1200)
        reference = full.resize(ours.size, Image.Resampling.LANCZOS, box=crop)
        dear = io.BytesIO()
        reference.save(dear, "JPEG", quality=85, subsampling="4:2:0")
        assert psnr_db(ours, reference) >= psnr_db(Image.open(dear), reference) - MOST_LOSS_DB, ours.size


def test_a_smaller_one_really_comes_from_the_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, the tests above would prove nothing."""
    shrunk: list[tuple[int, int]] = []

    def watching(
        decoded: ResampleSource, wanted: Placement, made: list[tuple[Placement, Image.Image]]
    ) -> ResampleSource:
        source = resample_source(decoded, wanted, made)
        shrunk.append(source.image.size)
        return source

    monkeypatch.setattr("photopipe.resize.resize.resample_source", watching)
    picture((1600, 1200)).save(tmp_path / "a.png")
    resize_all(downloaded(tmp_path / "a.png"), CHAIN)
    assert shrunk == [(800, 600), (500, 375), (300, 225)]


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_the_order_of_the_renditions_changes_no_byte(tmp_path: Path, name: str) -> None:
    picture((1600, 1200), seed=2).save(tmp_path / name)
    twins = [*CHAIN, ("e", ResizeSettings(500, 500, format="webp")), ("f", ResizeSettings(500, 500, sharpen=True))]
    photo = downloaded(tmp_path / name)
    forwards = {one.rendition.name: one.data for one in resize_all(photo, twins)}
    assert {one.rendition.name: one.data for one in resize_all(photo, twins[::-1])} == forwards


def test_watermark_and_background_of_a_larger_one_are_not_in_a_smaller(tmp_path: Path) -> None:
    Image.new("RGBA", (1600, 1200), (200, 0, 0, 255)).save(tmp_path / "a.png")
    marked = ResizeSettings(800, 800, fit="exact", background="#00ff00", watermark_text="MARK")
    _, small = resize_all(downloaded(tmp_path / "a.png"), [("web", marked), ("thumb", ResizeSettings(100, 100))])
    for low, high in decoded(small).getextrema():  # type: ignore[misc]  # RGB has three
        assert high - low <= 2


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_turned_photo_is_turned_once_in_each(tmp_path: Path, orientation: int) -> None:
    make_jpeg(tmp_path / "a.jpg", (1600, 1200), exif=camera_exif(orientation=orientation))
    results = resize_all(downloaded(tmp_path / "a.jpg"), CHAIN)
    first, *others = (decoded(one) for one in results[:3])
    assert (first.width > first.height) == (orientation < 5)
    for other in others:
        difference = ImageChops.difference(first.resize(other.size, Image.Resampling.LANCZOS), other)
        assert max(ImageStat.Stat(difference).mean) < 5


def test_metadata_is_read_once_for_all_that_treat_it_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    reader = metadata.kept_metadata

    def counting(source: SourceMetadata, settings: ResizeSettings) -> Metadata:
        read.append(settings.metadata)
        return reader(source, settings)

    monkeypatch.setattr(metadata, "kept_metadata", counting)
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", exif=camera_exif()))
    bare = ("bare", ResizeSettings(50, 50, metadata="none"))
    signed = ("signed", ResizeSettings(60, 60, artist="Xenia"))
    results = resize_all(photo, [*CHAIN, bare, signed])
    assert sorted(read) == ["none", "public", "public"]
    artists = [opened(one).getexif().get(315) for one in results]
    assert artists == [None] * 5 + ["Xenia"]
    assert [bool(opened(one).getexif()) for one in results] == [True] * 4 + [False, True]


@pytest.mark.parametrize(("out", "longest_px"), [("jpeg", 65_500), ("webp", 16_383), ("avif", 32_768)])
def test_a_picture_is_fitted_into_what_its_format_allows(out: OutputFormat, longest_px: int) -> None:
    wanted = ResizeSettings(200_000, 200_000, format=out)
    limit_px = output_format(out, "").longest_side_px
    assert placement_of((100_000, 1000), 1, wanted, limit_px).size == (longest_px, round(longest_px / 100))
    assert placement_of((1000, 100_000), 1, wanted, limit_px).size[1] == longest_px
    shaped = replace(wanted, max_height_px=100_000, fit="exact")
    canvas = placement_of((100_000, 1000), 1, shaped, limit_px).canvas
    assert canvas == (200_000, 100_000), "a shape is never changed: it is refused"


def test_a_format_this_pillow_cannot_write_is_refused_before_any_photo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("PIL.features.check", lambda library: library != "avif")
    photo = make_jpeg(tmp_path / "a.jpg")
    recipes = (("web", ResizeSettings()), ("small", ResizeSettings(100, 100, format="avif")))
    line = Settings(
        DownloadSettings((str(photo),)), recipes, (UploadSettings(),), str(tmp_path / "g"), str(tmp_path / "j")
    )
    with pytest.raises(UsageError, match="--format avif"), open_line(line):
        pass
    assert not (tmp_path / "g").exists()
    with pytest.raises(UsageError, match="--format avif"):
        resize_file(str(photo), recipes[1][1])
    assert resize_file(str(photo), recipes[0][1])[0].startswith(b"\xff\xd8")
