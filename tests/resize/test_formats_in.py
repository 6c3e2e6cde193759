"""Every format that comes in, in its variants: the same picture comes out, upright."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.arithmetic_jpeg import ARITHMETIC_JPEG
from support.heif_boxes import clap, imir, irot, with_property
from support.photos import downloaded, sent
from support.pictures import BLOCKS, SIDES, Rgb, assert_card_colours, differ_by, orientation_card, picture

from photopipe.errors import PhotoUnreadable
from photopipe.photo import ResizedPhoto
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

SETTINGS = ResizeSettings(quality=95)


def out(path: Path, settings: ResizeSettings = SETTINGS) -> tuple[Image.Image, ResizedPhoto]:
    result = resize(downloaded(path), settings)
    image = Image.open(io.BytesIO(sent(result)), formats=["JPEG"])
    image.load()
    return image, result


def written(folder: Path, data: bytes, name: str = "a.jpg") -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_card(image: Image.Image, *, tolerance: int = 12) -> None:
    assert image.size[0] * 2 == image.size[1] * 3, image.size
    assert_card_colours(image, tolerance=tolerance)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        *(("JPEG", {"quality": 95, "subsampling": name}) for name in ("4:4:4", "4:2:2", "4:2:0")),
        ("JPEG", {"quality": 95, "keep_rgb": True}),
        ("MPO", {"quality": 95}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 95}),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
        ("HEIF", {"quality": 95}),
        ("HEIF", {"quality": 95, "chroma": 444}),
        ("HEIF", {"quality": 95, "tile_size": 64}),
        ("GIF", {}),
        ("BMP", {}),
        ("JPEG2000", {}),
        ("JPEG2000", {"no_jp2": True}),
        ("JPEG2000", {"tile_size": (64, 64)}),
        ("JPEG2000", {"irreversible": True, "quality_layers": [5]}),
        *(("TIFF", {"compression": name}) for name in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")),
        ("TIFF", {"big_tiff": True}),
    ],
)
def test_a_photo_of_this_kind_comes_out_as_it_was(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    image, result = out(written(tmp_path, saved(orientation_card(), kind, **options)))
    assert_card(image)
    assert result.rendition.warnings == ()


MODES = {
    "PNG": ("L", "LA", "P", "RGBA", "1", "I;16"),
    "TIFF": ("L", "LA", "P", "RGBA", "1", "I;16", "CMYK"),
    "JPEG": ("L", "1", "CMYK"),
    "JPEG2000": ("L", "LA", "RGBA", "I;16", "CMYK"),
    "GIF": ("L", "P", "1"),
    "BMP": ("L", "P", "RGBA", "1"),
    "WEBP": ("L", "RGBA"),
    "AVIF": ("L", "RGBA"),
    "HEIF": ("L", "LA", "RGBA", "I;16"),
}
"""What Pillow can write of each."""


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_every_mode_a_format_can_hold_comes_out_the_right_shade(tmp_path: Path, kind: str, mode: str) -> None:
    shade = 255 if mode == "1" else 180
    grey = Image.new("L", (64, 48), shade)
    by_mode = {
        "I;16": lambda: grey.point([value * 257 for value in range(256)], "I").convert("I;16"),
        "P": lambda: grey.convert("RGB").quantize(4),
        "CMYK": lambda: grey.convert("RGB").convert("CMYK"),
    }
    data = saved(by_mode.get(mode, lambda: grey.convert(mode))(), kind)
    assert differ_by(pixel(out(written(tmp_path, data))[0], 30, 20), (shade,) * 3) <= (12 if mode == "CMYK" else 4)


def test_an_arithmetic_coded_jpeg_is_read(tmp_path: Path) -> None:
    image, _ = out(written(tmp_path, ARITHMETIC_JPEG))
    assert image.size == (48, 32)
    assert differ_by(pixel(image, 4, 4), (220, 180, 40)) <= 8
    assert differ_by(pixel(image, 40, 28), (30, 30, 40)) <= 8


def pixel(image: Image.Image, x: int, y: int) -> Rgb:
    red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]  # RGB has three
    return red, green, blue


def test_an_mpo_whose_list_of_pictures_is_broken_is_a_plain_jpeg(tmp_path: Path) -> None:
    card = orientation_card()
    data = saved(card, "MPO", save_all=True, append_images=[picture()], quality=95)
    at = data.index(b"MPF\0") + 4
    for place in range(at, at + 60):
        broken = data[:place] + b"\xff\xff" + data[place + 2 :]
        assert_card(out(written(tmp_path, broken))[0])


def test_the_first_picture_of_an_mpo_is_taken_without_a_warning(tmp_path: Path) -> None:
    image, result = out(written(tmp_path, saved(orientation_card(), "MPO", save_all=True, append_images=[picture()])))
    assert_card(image)
    assert result.rendition.warnings == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", SIDES)
def test_a_photo_is_turned_upright_once(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    data = saved(orientation_card(orientation), kind, exif=exif.tobytes(), quality=95)
    image, _ = out(written(tmp_path, data))
    assert_card(image)
    assert image.getexif().get(274, 1) == 1


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_crop_in_the_file_is_applied(tmp_path: Path, kind: str) -> None:
    data = with_property(saved(orientation_card(), kind, quality=95), clap(64, 64, 16, 0))
    image, _ = out(written(tmp_path, data))
    assert image.size == (64, 64)
    assert differ_by(pixel(image, 16, 16), BLOCKS[0][1]) <= 12
    assert differ_by(pixel(image, 48, 48), BLOCKS[1][2]) <= 12


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_a_crop_comes_before_the_turn(tmp_path: Path, kind: str) -> None:
    data = with_property(with_property(saved(orientation_card(6), kind, quality=95), clap(64, 32, 0, -32)), irot(3))
    image, _ = out(written(tmp_path, data))
    assert image.size == (32, 64)
    assert differ_by(pixel(image, 16, 16), BLOCKS[0][2]) <= 12
    assert differ_by(pixel(image, 16, 48), BLOCKS[1][2]) <= 12


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(("orientation", "box"), [(2, imir(1)), (4, imir(0)), (3, irot(2)), (6, irot(3)), (8, irot(1))])
def test_the_files_own_turn_is_applied_once(tmp_path: Path, kind: str, orientation: int, box: bytes) -> None:
    data = with_property(saved(orientation_card(orientation), kind, quality=95), box)
    assert_card(out(written(tmp_path, data))[0])


@pytest.mark.parametrize("crop", [clap(0, 10, 0, 0), clap(64, 64, 400, 0), clap(-5, 64, 0, 0), clap(9999, 64, 0, 0)])
def test_an_invalid_crop_is_ignored(tmp_path: Path, crop: bytes) -> None:
    assert_card(out(written(tmp_path, with_property(saved(orientation_card(), "AVIF", quality=95), crop)))[0])


def test_ten_bits_of_heif_are_scaled(tmp_path: Path) -> None:
    import pillow_heif

    wide = struct.pack("<3H", 0xFFFF, 0x8000, 0) * (64 * 64)
    heif = pillow_heif.from_bytes("RGB;16", (64, 64), wide)
    buffer = io.BytesIO()
    heif.save(buffer, quality=95, chroma=444)
    assert differ_by(pixel(out(written(tmp_path, buffer.getvalue()))[0], 30, 30), (255, 128, 0)) <= 4


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("interlaced", [0, 1])
def test_sixteen_bits_of_png_are_scaled(tmp_path: Path, channels: int, interlaced: int) -> None:
    wide = {1: (0xB4B4,), 3: (0xB4B4, 0x8080, 0x2020), 4: (0xB4B4, 0x8080, 0x2020, 0xFFFF)}[channels]
    data = png(struct.pack(f">{channels}H", *wide), {1: 0, 3: 2, 4: 6}[channels], interlaced=interlaced)
    wanted = (0xB4, 0xB4, 0xB4) if channels == 1 else (0xB4, 0x80, 0x20)
    assert differ_by(pixel(out(written(tmp_path, data))[0], 3, 3), wanted) <= 4


def test_a_transparent_colour_of_sixteen_bits_is_read(tmp_path: Path) -> None:
    data = png(struct.pack(">3H", 1, 2, 3), 2, transparent=struct.pack(">3H", 1, 2, 3))
    assert out(written(tmp_path, data))[0].size == (8, 8)


def png(one_pixel: bytes, colour_type: int, *, interlaced: int = 0, transparent: bytes = b"") -> bytes:
    """A PNG of 8 x 8 equal pixels of 16 bits a channel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)] if interlaced else [(8, 8)]
    rows = b"".join((b"\0" + one_pixel * columns) * count for columns, count in passes)
    header = struct.pack(">IIBBBBB", 8, 8, 16, colour_type, 0, 0, interlaced)
    clear = chunk(b"tRNS", transparent) if transparent else b""
    parts = chunk(b"IHDR", header) + clear + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_in_a_tiff_is_read(tmp_path: Path, compression: str) -> None:
    page = Image.new("1", (64, 64), 1)
    page.paste(0, (0, 0, 32, 64))
    image, _ = out(written(tmp_path, saved(page, "TIFF", compression=compression)))
    assert differ_by(pixel(image, 8, 30), (0, 0, 0)) <= 4
    assert differ_by(pixel(image, 56, 30), (255, 255, 255)) <= 4


def tiff(entries: list[tuple[int, int, int, int]], data: bytes) -> bytes:
    """A big-endian TIFF of one directory; 0 as the value of tag 273 stands for the offset of the data."""
    start = 8 + 2 + 12 * len(entries) + 4
    rows = b"".join(
        struct.pack(">HHI", tag, kind, count)
        + (
            struct.pack(">HH", value or (start if tag == 273 else 0), 0)
            if kind == 3
            else struct.pack(">I", value or start)
        )
        for tag, kind, count, value in entries
    )
    return b"MM\0*" + struct.pack(">IH", 8, len(entries)) + rows + bytes(4) + data


def test_a_tiff_with_its_channels_apart_is_read(tmp_path: Path) -> None:
    bits = 8 + 2 + 12 * 9 + 4
    lists = struct.pack(">3H", 8, 8, 8) + struct.pack(">3I", bits + 30, bits + 94, bits + 158)
    lists += struct.pack(">3I", 64, 64, 64)
    data = tiff(
        [
            (256, 3, 1, 8),
            (257, 3, 1, 8),
            (258, 4, 3, bits),
            (259, 3, 1, 1),
            (262, 3, 1, 2),
            (273, 4, 3, bits + 6),
            (277, 3, 1, 3),
            (279, 4, 3, bits + 18),
            (284, 3, 1, 2),
        ],
        lists + bytes([200]) * 64 + bytes([100]) * 64 + bytes([50]) * 64,
    )
    at = data.index(struct.pack(">HHI", 258, 4, 3))
    data = data[:at] + struct.pack(">HHI", 258, 3, 3) + data[at + 8 :]
    assert differ_by(pixel(out(written(tmp_path, data))[0], 4, 4), (200, 100, 50)) <= 4


def test_a_kind_of_tiff_that_is_not_read_is_named(tmp_path: Path) -> None:
    data = saved(Image.new("F", (8, 8)), "TIFF")
    at = data.index(struct.pack("<HHI", 258, 3, 1))
    data = data[: at + 8] + struct.pack("<HH", 24, 0) + data[at + 12 :]
    with pytest.raises(PhotoUnreadable, match=r"this kind of TIFF is not read .*Save it as 8- or 16-bit RGB"):
        out(written(tmp_path, data))


def test_the_profile_of_a_jpeg_2000_is_not_lost(tmp_path: Path) -> None:
    from support.profiles import ADOBE_RGB, rgb_profile

    profile = rgb_profile(ADOBE_RGB, 2.2)
    plain = saved(Image.new("RGB", (32, 32), (200, 100, 50)), "JPEG2000")
    box = struct.pack(">I4sBBB", 11 + len(profile), b"colr", 2, 0, 0) + profile
    at = plain.index(b"colr") - 4
    length = int.from_bytes(plain[at : at + 4], "big")
    header = plain.index(b"jp2h") - 4
    header_length = int.from_bytes(plain[header : header + 4], "big") + len(box) - length
    data = plain[:header] + struct.pack(">I", header_length) + plain[header + 4 : at] + box + plain[at + length :]
    with_profile, without = (pixel(out(written(tmp_path, each))[0], 5, 5) for each in (data, plain))
    assert differ_by(without, (200, 100, 50)) <= 3
    assert with_profile[0] >= 212, "Adobe RGB's red is redder than sRGB's"


def test_bytes_decide_and_the_name_does_not(tmp_path: Path) -> None:
    for kind in ("PNG", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000"):
        assert_card(out(written(tmp_path, saved(orientation_card(), kind), "IMG_1.jpg"))[0], tolerance=40)


def test_an_avif_that_calls_itself_a_mere_picture_container_is_read(tmp_path: Path) -> None:
    data = saved(orientation_card(), "AVIF", quality=95)
    assert data[8:12] == b"avif"
    assert_card(out(written(tmp_path, data[:8] + b"mif1" + data[12:]))[0])


def test_a_decoder_is_imported_when_its_first_file_comes() -> None:
    import subprocess
    import sys

    code = (
        "import sys, photopipe.resize.input.picture\n"
        "late = ['pillow_heif', 'rawpy', 'numpy', 'pillow_jxl', 'PIL.GifImagePlugin', 'PIL.AvifImagePlugin',"
        " 'PIL.Jpeg2KImagePlugin', 'PIL.WebPImagePlugin', 'PIL.PngImagePlugin', 'PIL.BmpImagePlugin']\n"
        "print([name for name in late if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"
