"""What is lost of a file besides its picture is reported, in stable sentences."""

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.deadline import within_deadline
from support.heif_boxes import with_auxiliary
from support.photos import downloaded
from support.pictures import BLOCKS, card_colours, differ_by, orientation_card, picture

from photopipe.errors import PhotoUnreadable
from photopipe.photo import GAIN_MAP_LOST as GAIN_MAP
from photopipe.photo import VIDEO_LOST as MOTION
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

MP4 = struct.pack(">I4s4sI4s", 20, b"ftyp", b"mp42", 0, b"isom") + struct.pack(">I4s", 5000, b"mdat") + bytes(4992)
XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
CAMERA = b'xmlns:c="http://ns.google.com/photos/1.0/camera/" '


def xmp(attributes: bytes, inside: bytes = b"") -> bytes:
    return (
        XMP_SEGMENT + b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
        + attributes
        + b">"
        + inside
        + b"</r:Description></r:RDF></x:xmpmeta>"
    )


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, kind, **options)
    return buffer.getvalue()


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + jpeg[2:]


def warnings(folder: Path, data: bytes) -> tuple[str, ...]:
    (folder / "a.jpg").write_bytes(data)
    return resize(downloaded(folder / "a.jpg"), ResizeSettings()).rendition.warnings


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_lost_frames_of_an_animation_are_reported(tmp_path: Path, kind: str) -> None:
    frames = [picture(seed=seed) for seed in (1, 2, 3)]
    data = saved(kind, frames[0], save_all=True, append_images=frames[1:], duration=100)
    assert warnings(tmp_path, data) == ("only the first of 3 frames is kept",)


def test_the_pages_of_a_tiff_are_counted(tmp_path: Path) -> None:
    data = saved("TIFF", save_all=True, append_images=[picture(seed=1), picture(seed=2)])
    assert warnings(tmp_path, data) == ("only the first of 3 frames is kept",)


def test_a_thumbnail_in_a_tiff_does_not_count_as_a_page(tmp_path: Path) -> None:
    plain = saved("TIFF")
    first = plain.index(struct.pack("<HHI", 256, 4, 1)) - 2
    entries = plain[first + 2 : first + 2 + 12 * int.from_bytes(plain[first : first + 2], "little")]
    marked = struct.pack("<HHII", 254, 4, 1, 1) + entries
    directory = struct.pack("<H", len(marked) // 12) + marked + bytes(4)
    following = first + 2 + len(entries)
    with_thumbnail = plain[:following] + struct.pack("<I", len(plain)) + plain[following + 4 :] + directory
    assert warnings(tmp_path, with_thumbnail) == ()
    unmarked = with_thumbnail.replace(struct.pack("<HHII", 254, 4, 1, 1), struct.pack("<HHII", 254, 4, 1, 0))
    assert warnings(tmp_path, unmarked) == ("only the first of 2 frames is kept",)


def test_the_main_picture_of_a_heic_is_kept_and_the_loss_reported(tmp_path: Path) -> None:
    import pillow_heif

    heif = pillow_heif.from_pillow(Image.new("RGB", (64, 64), "red"))
    heif.add_from_pillow(Image.new("RGB", (96, 64), "blue"))
    buffer = io.BytesIO()
    heif.save(buffer, primary_index=1, quality=90)
    (tmp_path / "a.heic").write_bytes(buffer.getvalue())
    result = resize(downloaded(tmp_path / "a.heic"), ResizeSettings())
    assert (result.rendition.width_px, result.rendition.height_px) == (96, 64)
    assert result.rendition.warnings == ("only the main of 2 pictures is kept",)


def test_an_ultra_hdr_jpeg_is_said_to_lose_its_gain_map(tmp_path: Path) -> None:
    packet = xmp(b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"')
    assert warnings(tmp_path, with_segment(saved("JPEG"), 0xE1, packet)) == (GAIN_MAP,)


def test_a_gain_map_by_the_iso_standard_is_seen(tmp_path: Path) -> None:
    content = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)
    assert warnings(tmp_path, with_segment(saved("JPEG"), 0xE2, content)) == (GAIN_MAP,)


def test_a_gain_map_that_only_the_second_picture_names_is_seen(tmp_path: Path) -> None:
    mpo = saved("MPO", save_all=True, append_images=[picture((160, 120))])
    assert warnings(tmp_path, mpo) == ()
    second = mpo.rindex(b"\xff\xd8\xff")
    named = with_segment(mpo[second:], 0xE1, XMP_SEGMENT + b"urn:com:apple:photo:2020:aux:hdrgainmap")
    assert warnings(tmp_path, mpo[:second] + named) == (GAIN_MAP,)


def test_a_gain_map_in_a_heic_or_avif_is_seen(tmp_path: Path) -> None:
    for kind in ("HEIF", "AVIF"):
        data = saved(kind)
        assert warnings(tmp_path, data) == ()
        at = data.index(b"infe")
        # the type of an item that is not the picture: an empty place in the list is enough for the test
        item = struct.pack(">I4sB3sHH4sB", 21, b"infe", 2, b"\0\0\1", 999, 0, b"tmap", 0)
        assert warnings(tmp_path, insert_item(data, at - 4, item)) == (GAIN_MAP,)


def insert_item(data: bytes, place: int, item: bytes) -> bytes:
    """One more entry in the list of items; the offsets of the others' data change with it."""
    from support.heif_boxes import _find, _inserted, _moved

    changed = bytearray(data)
    count = _find(data, b"iinf") + 12
    changed[count : count + 2] = (int.from_bytes(data[count : count + 2], "big") + 1).to_bytes(2, "big")
    return _moved(_inserted(bytes(changed), [b"meta", b"iinf"], place, item), len(item))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("urn:com:apple:photo:2020:aux:hdrgainmap", (GAIN_MAP,)),
        ("urn:mpeg:hevc:2015:auxid:2", ()),  # a depth map: no warning, because its loss is not visible
    ],
)
def test_apples_gain_map_in_a_heic_is_seen(tmp_path: Path, kind: str, said: tuple[str, ...]) -> None:
    buffer = io.BytesIO()
    second = picture((48, 32)).convert("L")
    orientation_card().save(buffer, "HEIF", quality=95, save_all=True, append_images=[second])
    (tmp_path / "a.heic").write_bytes(with_auxiliary(buffer.getvalue(), kind))
    result = resize(downloaded(tmp_path / "a.heic"), ResizeSettings(quality=95))
    assert result.rendition.warnings == said
    assert result.data is not None
    with Image.open(io.BytesIO(result.data)) as image:
        assert differ_by(card_colours(image)[0][0], BLOCKS[0][0]) <= 12


@pytest.mark.parametrize(
    "packet",
    [
        xmp(CAMERA + b'c:MotionPhoto="1"'),
        xmp(CAMERA, b"<c:MotionPhoto>1</c:MotionPhoto>"),
        xmp(CAMERA + b'c:MicroVideo="1"'),
    ],
)
def test_the_lost_video_of_a_motion_photo_is_reported(tmp_path: Path, packet: bytes) -> None:
    assert warnings(tmp_path, with_segment(saved("JPEG"), 0xE1, packet) + MP4) == (MOTION,)


def test_a_video_behind_a_jpeg_is_seen_without_any_word_of_it(tmp_path: Path) -> None:
    assert warnings(tmp_path, saved("JPEG") + MP4) == (MOTION,)


@pytest.mark.parametrize("tail", [b"", bytes(100), b"\xff\xd9", b"notes: ftyp is a box" * 9, b"SEFT" * 99])
def test_other_bytes_behind_a_jpeg_are_no_video(tmp_path: Path, tail: bytes) -> None:
    assert warnings(tmp_path, saved("JPEG") + tail) == ()


def test_a_search_for_a_video_takes_no_longer_than_reading(tmp_path: Path) -> None:
    """16 MB without an end marker; a search from each of four million places took hours."""
    data = saved("JPEG").removesuffix(b"\xff\xd9") + b"ftyp" * (4 << 20)
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(PhotoUnreadable):
        within_deadline(lambda: resize(downloaded(tmp_path / "a.jpg"), ResizeSettings()))


def test_a_video_in_a_heic_is_seen(tmp_path: Path) -> None:
    assert warnings(tmp_path, saved("HEIF") + struct.pack(">I4s", 8 + len(MP4), b"mpvd") + MP4) == (MOTION,)


def test_no_motion_is_no_motion_photo(tmp_path: Path) -> None:
    assert warnings(tmp_path, with_segment(saved("JPEG"), 0xE1, xmp(CAMERA + b'c:MotionPhoto="0"'))) == ()


def test_a_plain_jpeg_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import JpegImagePlugin

    from photopipe.resize.input.losses import losses

    class Counted(io.BytesIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.read_bytes += len(data)
            return data

    file = Counted(saved("JPEG", picture((1200, 900)), quality=95))
    image = JpegImagePlugin.JpegImageFile(file)
    file.read_bytes = 0
    assert losses(image, "JPEG", file) == ()
    assert file.read_bytes <= 64
