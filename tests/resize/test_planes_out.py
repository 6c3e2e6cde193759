"""JPEGs written from luma and halved chroma, with nothing mixed: the same picture, with all that belongs to it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from support.pictures import picture

from photopipe.errors import PhotoTooLarge
from photopipe.resize import write_planes
from photopipe.resize.encode import encode
from photopipe.resize.jpeg_segments import with_segments
from photopipe.resize.planes import Planes, merged, plane_of, resample, turned
from photopipe.resize.transform import SRGB_PROFILE
from photopipe.resize.turbojpeg import turbojpeg
from photopipe.resize.writers import Attachments, write_jpeg
from photopipe.settings import ResizeSettings

NOTHING = Attachments()
EXIF = b"Exif\0\0" + Image.Exif().tobytes()[6:]
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"


@pytest.fixture
def encoder() -> None:
    """The library that takes planes."""
    if turbojpeg() is None:
        pytest.skip("libturbojpeg is not installed")


def planes(size: tuple[int, int] = (160, 120), seed: int = 0) -> Planes:
    luma, *chroma = picture(size, seed=seed).convert("YCbCr").split()
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    return Planes(size, plane_of(luma), tuple(plane_of(each.resize(half)) for each in chroma), (2, 2))


def written(picture_planes: Planes, quality: int = 85, attached: Attachments = NOTHING) -> bytes:
    data = write_planes.write_planes(picture_planes, quality, attached)
    assert data is not None
    return data


@pytest.mark.parametrize("size", [(160, 120), (161, 121), (17, 1), (1, 17), (1, 1)])
def test_the_picture_is_the_one_pillow_would_write(encoder: None, size: tuple[int, int]) -> None:
    source = planes(size, seed=3)
    ours, pillows = (
        Image.open(io.BytesIO(data)) for data in (written(source), write_jpeg(merged(source), 85, NOTHING))
    )
    difference = ImageStat.Stat(ImageChops.difference(ours.convert("RGB"), pillows.convert("RGB")))
    assert ours.size == size
    assert max(difference.mean) == 0


@pytest.mark.parametrize("icc_bytes", [len(SRGB_PROFILE), 65_519, 65_520, 300_000])
def test_metadata_and_profile_come_back(encoder: None, icc_bytes: int) -> None:
    icc = (SRGB_PROFILE * (icc_bytes // len(SRGB_PROFILE) + 1))[:icc_bytes]
    attached = Attachments(EXIF, XMP, icc)
    with Image.open(io.BytesIO(written(planes(), attached=attached))) as ours:
        ours.load()
        assert (ours.info["exif"], ours.info["xmp"], ours.info["icc_profile"]) == (EXIF, XMP, icc)


def test_segments_stand_where_pillow_puts_them(encoder: None) -> None:
    attached = Attachments(EXIF, XMP, SRGB_PROFILE)
    ours, pillows = written(planes(), attached=attached), write_jpeg(merged(planes()), 85, attached)
    tables = pillows.index(b"\xff\xdb")
    assert ours[:tables] == pillows[:tables]


def test_nothing_stands_there_without_metadata(encoder: None) -> None:
    with Image.open(io.BytesIO(written(planes()))) as ours:
        assert ours.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("too_long", [Attachments(exif=b"e" * 65_534), Attachments(xmp=b"x" * 65_505)])
def test_what_does_not_fit_into_a_segment_is_an_error_and_no_broken_file(too_long: Attachments) -> None:
    with pytest.raises(ValueError, match="too long"):
        with_segments(write_jpeg(picture((8, 8)), 85, NOTHING), too_long.exif, too_long.xmp, too_long.icc)


def test_the_same_planes_give_the_same_bytes(encoder: None) -> None:
    assert len({written(planes(seed=1)) for _ in range(3)}) == 1


def test_more_quality_takes_more_bytes(encoder: None) -> None:
    sizes = [len(written(planes(seed=2), quality)) for quality in (1, 30, 60, 89)]
    assert sizes == sorted(set(sizes))


def test_bytes_are_rationed_for_planes_too(encoder: None) -> None:
    settings = ResizeSettings(max_bytes=6_000)
    assert len(encode(planes((320, 240)), settings, "JPEG", NOTHING).data) <= 6_000
    with pytest.raises(PhotoTooLarge):
        encode(planes((320, 240)), ResizeSettings(max_bytes=300), "JPEG", NOTHING)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_planes_are_the_turned_picture(orientation: int) -> None:
    from photopipe.resize.orient import turn_upright

    source = planes((40, 24), seed=5)
    assert merged(turned(source, orientation)).tobytes() == turn_upright(merged(source), orientation).tobytes()


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 90), st.integers(1, 90))
def test_four_samples_at_a_time_give_what_one_at_a_time_gives(
    width_px: int, height_px: int, new_width_px: int, new_height_px: int
) -> None:
    source = picture((width_px, height_px), seed=width_px).convert("L")
    box = (0.2, 0.0, width_px - 0.1, float(height_px))
    lanczos = Image.Resampling.LANCZOS
    rows = source.resize((width_px, new_height_px), lanczos)
    plain = rows.resize((new_width_px, new_height_px), lanczos, box=(box[0], 0, box[2], new_height_px))
    ours = resample(plane_of(source), (new_width_px, new_height_px), box)
    assert ours.image().tobytes() == plain.tobytes()


def test_without_libturbojpeg_planes_are_written_by_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_planes, "turbojpeg", lambda: None)
    attached = Attachments(EXIF, XMP, SRGB_PROFILE)
    data = encode(planes(), ResizeSettings(), "JPEG", attached).data
    assert data == write_jpeg(merged(planes()), 85, attached)
