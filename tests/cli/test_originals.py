"""`--original`, `--hdr` and `--animation` from the command line to the gallery."""

import io
import struct
from pathlib import Path

from PIL import Image
from support.command import Home
from support.pictures import make_jpeg, picture

GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)
GAIN_MAP_LOST = "an HDR gain map is not kept"


def ultra_hdr(path: Path, seed: int) -> Path:
    plain = make_jpeg(path, seed=seed).read_bytes()
    path.write_bytes(plain[:2] + struct.pack(">BBH", 0xFF, 0xE2, len(GAIN_MAP) + 2) + GAIN_MAP + plain[2:])
    return path


def in_gallery(home: Home) -> list[bytes]:
    return [(home.pictures / name).read_bytes() for name in home.photos()]


def folder(path: Path) -> Path:
    (path / "dcim").mkdir()
    return path / "dcim"


def test_the_original_arrives_beside_the_picture_made_of_it_and_once(home: Home, tmp_path: Path) -> None:
    card = folder(tmp_path)
    photo = make_jpeg(card / "IMG_1.JPG", (640, 480))
    result = home.run("process", "--size", "100", "--original", "beside", "--json", str(card))
    assert result.code == 0, result.err
    made, untouched, _ = result.records
    assert (made["rendition"], made["width"], made["status"]) == ("default", 100, "uploaded")
    assert (untouched["rendition"], untouched["width"], untouched["height"]) == ("original", 640, 480)
    assert untouched["sha256"] == untouched["source_sha256"]
    assert len(home.photos()) == 2
    assert photo.read_bytes() in in_gallery(home)
    again = home.run("process", "--size", "200", "--original", "beside", "--json", str(card))
    assert [record.get("rendition") for record in again.records] == ["default", None], "the original was sent before"
    assert len(home.photos()) == 3


def test_the_original_arrives_instead_of_a_picture_made_of_it(home: Home, tmp_path: Path) -> None:
    card = folder(tmp_path)
    photo = make_jpeg(card / "IMG_1.JPG", (640, 480), orientation=6)
    result = home.run("process", "--original", "instead", str(card))
    assert (result.code, len(result.lines)) == (0, 1), result.err
    assert in_gallery(home) == [photo.read_bytes()]


def test_wrong_use_of_original_is_explained(home: Home, tmp_path: Path) -> None:
    result = home.run("process", "--original", "instead", "--rendition", "web=9", str(folder(tmp_path)))
    assert (result.code, "leave out --rendition" in result.err) == (2, True)


def test_gain_maps_that_are_not_kept_are_said_once_per_run_and_for_each_photo_in_json(
    home: Home, tmp_path: Path
) -> None:
    card = folder(tmp_path)
    for seed in (1, 2, 3):
        ultra_hdr(card / f"{seed}.jpg", seed)
    make_jpeg(card / "plain.jpg", seed=9)
    result = home.run("process", "--json", str(card))
    lost = {Path(record["path"]).name: record["warnings"] for record in result.records[:-1]}
    assert lost == {f"{seed}.jpg": [GAIN_MAP_LOST] for seed in (1, 2, 3)} | {"plain.jpg": []}
    sentence = f"3 photos: {GAIN_MAP_LOST}; --hdr original uploads them as they are."
    assert result.err.count(GAIN_MAP_LOST) == result.err.count(sentence) == 1


def test_a_default_that_drops_a_gain_map_is_nothing_wrong_under_quiet(home: Home, tmp_path: Path) -> None:
    card = folder(tmp_path)
    ultra_hdr(card / "a.jpg", 1)
    result = home.run("process", "-q", str(card))
    assert (result.code, result.err) == (0, "")


def test_an_hdr_photo_arrives_as_it_is_and_nothing_is_said(home: Home, tmp_path: Path) -> None:
    card = folder(tmp_path)
    photo = ultra_hdr(card / "a.jpg", 1)
    result = home.run("process", "--hdr", "original", "--rendition", "web=200", "--rendition", "thumb=50", str(card))
    assert result.code == 0, result.err
    assert photo.read_bytes() in in_gallery(home)
    assert len(home.photos()) == 2
    assert GAIN_MAP_LOST not in result.err


def test_an_animation_arrives_moving(home: Home, tmp_path: Path) -> None:
    card = folder(tmp_path)
    frames = [picture((200, 150), seed=seed) for seed in (1, 2, 3)]
    frames[0].save(card / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    result = home.run("process", "--animation", "keep", "--size", "100", str(card))
    assert result.code == 0, result.err
    (data,) = in_gallery(home)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size, getattr(image, "n_frames", 1)) == ("WEBP", (100, 75), 3)


def test_the_resize_command_says_when_it_wrote_another_format_than_the_name(home: Home, tmp_path: Path) -> None:
    source, target = ultra_hdr(tmp_path / "a.jpg", 1), tmp_path / "b.png"
    result = home.run("resize", "--hdr", "original", str(source), str(target))
    assert (result.code, target.read_bytes()) == (0, source.read_bytes())
    assert "what is written is image/jpeg, not image/png" in result.err
