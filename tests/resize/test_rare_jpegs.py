"""JPEGs that few encoders write, with every decoder."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from support.arithmetic_jpeg import ARITHMETIC_JPEG
from support.photos import downloaded
from support.pictures import BLOCKS, Rgb, card_colours, differ_by, orientation_card, picture

from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings


def rendition(folder: Path, data: bytes, side_px: int = 2048) -> Image.Image:
    (folder / "a.jpg").write_bytes(data)
    result = resize(downloaded(folder / "a.jpg"), ResizeSettings(side_px, side_px, quality=95))
    assert result.data is not None
    return Image.open(io.BytesIO(result.data)).convert("RGB")


def assert_card(image: Image.Image) -> None:
    for row, wanted in zip(card_colours(image), BLOCKS, strict=True):
        for colour, other in zip(row, wanted, strict=True):
            assert differ_by(colour, other) <= 12, card_colours(image)


def sampled(image: Image.Image, factors: tuple[int, int]) -> bytes:
    """A JPEG whose chroma is stored at that part of the width and height; only some libraries write that."""
    numpy, encoder = pytest.importorskip("numpy"), pytest.importorskip("simplejpeg")
    name = {(4, 1): "411", (1, 2): "440", (2, 1): "422"}[factors]
    data: bytes = encoder.encode_jpeg(numpy.asarray(image), 95, "RGB", name)
    frame = data.index(b"\xff\xc0")
    assert data[frame + 11] == factors[0] << 4 | factors[1], "the first component's factors, ITU-T T.81, B.2.2"
    return data


@pytest.mark.parametrize("factors", [(4, 1), (1, 2), (2, 1)])
def test_chroma_at_a_quarter_of_the_width_or_half_the_height_is_read(
    tmp_path: Path, decoder: str, factors: tuple[int, int]
) -> None:
    assert_card(rendition(tmp_path, sampled(orientation_card(), factors)))


@pytest.mark.parametrize("side_px", [300, 150, 70])
@pytest.mark.parametrize("factors", [(4, 1), (1, 2)])
def test_such_chroma_is_not_shifted_when_it_is_shrunk(
    tmp_path: Path, decoder: str, factors: tuple[int, int], side_px: int
) -> None:
    data = sampled(picture((805, 603), seed=2), factors)
    ours = rendition(tmp_path, data, side_px)
    reference = Image.open(io.BytesIO(data)).convert("RGB").resize(ours.size, Image.Resampling.LANCZOS)
    assert max(ImageStat.Stat(ImageChops.difference(ours, reference)).mean) < 4


def ycck(image: Image.Image) -> bytes:
    """A JPEG of luma, chroma and black, as Photoshop writes CMYK, by Adobe's marker with transform 2.

    Its three first channels are the YCbCr of the inks, taken as RGB; Pillow turns what it writes around.
    Source: Adobe Technical Note 5116, section 18; libjpeg's jdcolor.c, ycck_cmyk_convert.
    """
    cyan, magenta, yellow, black = image.split()
    luma, *chroma = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    buffer = io.BytesIO()
    channels = [ImageChops.invert(each) for each in (luma, *chroma)]
    Image.merge("CMYK", (*channels, black)).save(buffer, "JPEG", quality=95)
    data = bytearray(buffer.getvalue())
    marker = data.index(b"Adobe")
    assert data[marker + 11] == 0
    data[marker + 11] = 2
    return bytes(data)


def test_ycck_has_the_colours_of_the_same_inks_as_cmyk(tmp_path: Path, decoder: str) -> None:
    inks = orientation_card().convert("CMYK")
    inks.putpixel((0, 0), (0, 0, 0, 255))
    plain = io.BytesIO()
    inks.save(plain, "JPEG", quality=95)
    expected, got = rendition(tmp_path, plain.getvalue()), rendition(tmp_path, ycck(inks))
    assert_card(expected)
    assert_card(got)


def test_ycck_is_shrunk_while_it_is_decoded(tmp_path: Path, decoder: str) -> None:
    inks = picture((800, 600), seed=3).convert("CMYK")
    ours = rendition(tmp_path, ycck(inks), 100)
    reference = inks.resize(ours.size, Image.Resampling.LANCZOS).convert("RGB")
    assert max(ImageStat.Stat(ImageChops.difference(ours, reference)).mean) < 4


def test_black_ink_of_ycck_is_not_turned_around(tmp_path: Path, decoder: str) -> None:
    for black, level in ((0, 255), (255, 0), (100, 155)):
        colour = rendition(tmp_path, ycck(Image.new("CMYK", (32, 32), (0, 0, 0, black)))).getpixel((16, 16))
        assert differ_by(colour, (level,) * 3) <= 4  # type: ignore[arg-type]  # RGB has three


def test_arithmetic_coding_is_read_by_each(tmp_path: Path, decoder: str) -> None:
    image = rendition(tmp_path, ARITHMETIC_JPEG)
    seen: list[tuple[tuple[int, int], Rgb]] = [((4, 4), (220, 180, 40)), ((40, 28), (30, 30, 40))]
    for place, colour in seen:
        assert differ_by(image.getpixel(place), colour) <= 8  # type: ignore[arg-type]  # RGB has three


GPS_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" {}/></rdf:RDF></x:xmpmeta>'
)
GUID = "0123456789ABCDEF0123456789ABCDEF"


@pytest.mark.parametrize("policy", ["public", "keep", "none"])
def test_nothing_of_an_extended_xmp_packet_is_kept(tmp_path: Path, policy: str) -> None:
    main = GPS_XMP.format(f'xmlns:n="http://ns.adobe.com/xmp/note/" n:HasExtendedXMP="{GUID}"').encode()
    more = GPS_XMP.format('xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,12.5236N"').encode()
    segments = [
        b"http://ns.adobe.com/xap/1.0/\0" + main,
        b"http://ns.adobe.com/xmp/extension/\0" + GUID.encode() + struct.pack(">II", len(more), 0) + more,
    ]
    buffer = io.BytesIO()
    picture().save(buffer, "JPEG")
    data = buffer.getvalue()
    data = data[:2] + b"".join(b"\xff\xe1" + struct.pack(">H", len(one) + 2) + one for one in segments) + data[2:]
    (tmp_path / "a.jpg").write_bytes(data)
    result = resize(downloaded(tmp_path / "a.jpg"), ResizeSettings(metadata=policy))  # type: ignore[arg-type]  # a policy
    assert result.data is not None
    for word in (b"GPS", b"48,12", b"HasExtendedXMP", GUID.encode(), b"xmp/extension"):
        assert word not in result.data
