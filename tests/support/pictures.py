"""Small test pictures, made quickly and without numpy."""

import random
import struct
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()

Rgb = tuple[int, int, int]

BLOCK_PX = 32
BLOCKS: tuple[tuple[Rgb, ...], ...] = (
    ((220, 30, 30), (30, 180, 30), (40, 40, 220)),
    ((230, 220, 40), (200, 200, 200), (20, 20, 20)),
)
"""The upright test card: two rows of three colours, the same from no other side."""
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
"""EXIF orientation -> the visual sides at which the stored row 0 and column 0 lie (CIPA DC-008, tag 274)."""


def picture(size: tuple[int, int] = (320, 240), *, seed: int = 0, colour: Rgb | None = None) -> Image.Image:
    """An RGB picture with soft gradients and a few hard edges, another one for every seed; or one flat colour."""
    if colour is not None:
        return Image.new("RGB", size, colour)
    chance = random.Random(seed)
    turned = [Image.linear_gradient("L").rotate(chance.uniform(0, 360)).resize(size) for _ in range(3)]
    image = Image.merge("RGB", turned)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        left, upper = chance.randrange(size[0]), chance.randrange(size[1])
        box = (left, upper, left + size[0] // 5, upper + size[1] // 5)
        draw.ellipse(box, fill=tuple(chance.randrange(256) for _ in range(3)))
    return image


def camera_exif(*, orientation: int | None = None, taken: str | None = "2024:05:01 12:33:10") -> Image.Exif:
    """EXIF as a camera writes it; `taken=None` leaves out the capture time."""
    exif = Image.Exif()
    exif[271], exif[272] = "Acme", "Shooter 3"
    if orientation is not None:
        exif[274] = orientation
    if taken is not None:
        exif.get_ifd(0x8769)[36867] = taken
    return exif


def raw_exif(entries: list[tuple[int, int, int, bytes]]) -> bytes:
    """An EXIF block with a main directory only; values of up to 4 bytes stand in their entries."""
    offset = 8 + 2 + 12 * len(entries) + 4
    directory, values = struct.pack("<H", len(entries)), b""
    for tag, kind, count, value in entries:
        place = value if len(value) <= 4 else struct.pack("<I", offset + len(values))
        values += value if len(value) > 4 else b""
        directory += struct.pack("<HHI4s", tag, kind, count, place)
    return b"Exif\0\0II*\0\x08\0\0\0" + directory + bytes(4) + values


def make_jpeg(
    path: Path,
    size: tuple[int, int] = (320, 240),
    *,
    colour: Rgb | None = None,
    exif: Image.Exif | bytes | None = None,
    orientation: int | None = None,
    seed: int = 0,
) -> Path:
    """Write a JPEG and return its path.

    Args:
        path: where.
        size: width and height as stored [px].
        colour: one flat colour instead of a gradient.
        exif: what to embed; None embeds nothing, or `camera_exif` if `orientation` is given.
        orientation: EXIF orientation, 1 to 8.
        seed: another seed is another content.
    """
    if exif is None and orientation is not None:
        exif = camera_exif(orientation=orientation)
    picture(size, seed=seed, colour=colour).save(path, "JPEG", quality=90, exif=exif or b"")
    return path


def orientation_card(orientation: int = 1) -> Image.Image:
    """The test card as a camera held that way stores it: shown with this orientation it is upright."""
    rows, columns = SIDES[orientation]
    upright = {"top": 2, "bottom": 2, "left": 3, "right": 3}
    stored = Image.new("RGB", (upright[columns] * BLOCK_PX, upright[rows] * BLOCK_PX))
    for row in range(upright[rows]):
        for column in range(upright[columns]):
            place = dict((_from_side(rows, row), _from_side(columns, column)))
            box = (column * BLOCK_PX, row * BLOCK_PX, (column + 1) * BLOCK_PX, (row + 1) * BLOCK_PX)
            stored.paste(BLOCKS[place["y"]][place["x"]], box)
    return stored


def _from_side(side: str, steps: int) -> tuple[str, int]:
    return {"top": ("y", steps), "bottom": ("y", 1 - steps), "left": ("x", steps), "right": ("x", 2 - steps)}[side]


def card_colours(image: Image.Image) -> list[list[Rgb]]:
    """The colours at the middles of the blocks of an upright test card of any size."""
    rgb = image.convert("RGB")
    step_x, step_y = rgb.width / 3, rgb.height / 2
    return [[_pixel(rgb, (column + 0.5) * step_x, (row + 0.5) * step_y) for column in range(3)] for row in range(2)]


def assert_card_colours(image: Image.Image, *, tolerance: int) -> None:
    """An upright test card of any size has its colours, each channel within a tolerance."""
    card = [list(row) for row in BLOCKS]
    for row, wanted_row in zip(card_colours(image), card, strict=True):
        for colour, wanted in zip(row, wanted_row, strict=True):
            assert differ_by(colour, wanted) <= tolerance, (card_colours(image), card)


def _pixel(image: Image.Image, x: float, y: float) -> Rgb:
    pixel = image.getpixel((int(x), int(y)))
    assert isinstance(pixel, tuple)
    red, green, blue = pixel
    return red, green, blue


def differ_by(one: Rgb, other: Rgb) -> int:
    """The largest difference of two colours in one channel."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))
