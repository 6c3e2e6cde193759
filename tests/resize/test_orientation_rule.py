"""Which statement about the orientation counts, and that it is applied once."""

import io
from pathlib import Path

import pytest
from PIL import Image
from support.marked_photo import save_with, xmp
from support.photos import downloaded, sent
from support.pictures import BLOCKS, SIDES, card_colours, differ_by, orientation_card, raw_exif

from photopipe.photo import ResizedPhoto
from photopipe.resize.metadata.source_metadata import read_source_metadata
from photopipe.resize.resize import resize
from photopipe.settings import MetadataPolicy, ResizeSettings

SETTINGS = ResizeSettings(quality=95)


def exif_with(orientation: int | None) -> bytes:
    exif = Image.Exif()
    exif[271] = "Acme"
    if orientation is not None:
        exif[274] = orientation
    return exif.tobytes()


def xmp_with(orientation: object) -> bytes:
    return xmp(f"tiff:Orientation='{orientation}'")


def is_upright(result: ResizedPhoto) -> bool:
    with Image.open(io.BytesIO(sent(result))) as image:
        assert image.getexif().get(274, 1) == 1
        seen = card_colours(image)
        pairs = [pair for rows in zip(seen, BLOCKS, strict=True) for pair in zip(*rows, strict=True)]
        return image.width * 2 == image.height * 3 and all(differ_by(*pair) <= 16 for pair in pairs)


def rendered(path: Path, policy: MetadataPolicy = "public") -> ResizedPhoto:
    return resize(downloaded(path), ResizeSettings(quality=95, metadata=policy))


@pytest.mark.parametrize("policy", ["public", "keep", "none"])
@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic", "a.avif"])
def test_exif_and_xmp_that_agree_turn_once(tmp_path: Path, name: str, orientation: int, policy: MetadataPolicy) -> None:
    image = orientation_card(orientation)
    source = save_with(tmp_path / name, image=image, exif=exif_with(orientation), xmp=xmp_with(orientation))
    result = rendered(source, policy)
    assert is_upright(result)
    assert b"rientation" not in sent(result)


@pytest.mark.parametrize("orientation", SIDES)
def test_avif_is_turned_by_its_container(tmp_path: Path, orientation: int) -> None:
    """Pillow writes EXIF's orientation into the boxes irot and imir, and takes it out of EXIF."""
    source = save_with(tmp_path / "a.avif", exif=exif_with(orientation), image=orientation_card(orientation))
    assert (b"irot" in source.read_bytes() or b"imir" in source.read_bytes()) == (orientation != 1)
    assert is_upright(rendered(source))


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("exif", [b"", exif_with(None)], ids=["no EXIF", "EXIF without the tag"])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_xmp_turns_a_photo_that_has_no_other_orientation(
    tmp_path: Path, name: str, exif: bytes, orientation: int
) -> None:
    source = save_with(
        tmp_path / name, exif=exif, xmp=xmp(f'tiff:Orientation="{orientation}"'), image=orientation_card(orientation)
    )
    assert is_upright(rendered(source))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_xmp_does_not_turn_a_photo_that_exif_calls_upright(tmp_path: Path, name: str) -> None:
    """Programs that turn the pixels reset EXIF and forget XMP."""
    source = save_with(tmp_path / name, exif=exif_with(1), xmp=xmp_with(6), image=orientation_card())
    assert is_upright(rendered(source))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_exif_counts_where_xmp_says_otherwise(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / name, exif=exif_with(8), xmp=xmp_with(6), image=orientation_card(8))
    assert is_upright(rendered(source))


def test_a_meaningless_exif_orientation_does_not_make_xmp_count(tmp_path: Path) -> None:
    block = raw_exif([(274, 3, 1, b"\x09\0")])
    source = save_with(tmp_path / "a.jpg", exif=block, xmp=xmp_with(6), image=orientation_card())
    assert is_upright(rendered(source))


@pytest.mark.parametrize("name", ["a.heic", "a.avif"])
def test_xmp_never_turns_what_its_container_does_not_turn(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / name, image=orientation_card())
    with Image.open(source) as image:
        image.load()
        image.info["xmp"] = xmp_with(6)
        assert read_source_metadata(image).orientation == 1
    assert is_upright(rendered(source))


@pytest.mark.parametrize("said", ["0", "9", "60", "6.0", "six", "", "-1", "\u0666"])
def test_a_meaningless_xmp_orientation_counts_as_upright(tmp_path: Path, said: str) -> None:
    source = save_with(tmp_path / "a.jpg", xmp=xmp_with(said), image=orientation_card())
    assert is_upright(rendered(source))


def test_a_word_in_a_caption_is_no_orientation(tmp_path: Path) -> None:
    """Pillow looks for it anywhere in the packet."""
    caption = '<photoshop:Headline>tiff:Orientation=&quot;6&quot; <![CDATA[tiff:Orientation="6"]]></photoshop:Headline>'
    source = save_with(tmp_path / "a.jpg", xmp=xmp("", caption), image=orientation_card())
    assert is_upright(rendered(source))


@pytest.mark.parametrize("orientation", SIDES)
def test_an_avif_with_broken_exif_is_still_turned_by_its_container(tmp_path: Path, orientation: int) -> None:
    source = save_with(tmp_path / "a.avif", exif=exif_with(orientation), image=orientation_card(orientation))
    data = source.read_bytes()
    assert data.count(b"MM\0*") == 1
    source.write_bytes(data.replace(b"MM\0*", b"XX\0*"))
    result = rendered(source)
    assert is_upright(result)
    assert result.rendition.warnings == ("the metadata could not be kept: EXIF (it is no EXIF block)",)
