"""200 small photos as a family's card would have them: landscapes of many shapes, over two years, in five folders."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageOps
from PIL.TiffImagePlugin import IFDRational
from support.marked_photo import xmp
from support.pictures import Rgb

HOSTILE_CAPTION = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
HOSTILE_KEYWORD = "\"><svg onload=document.title='owned'>"
HOSTILE_FOLDER = "Lisa & <b onclick=x>Tom's"
FOLDERS = ("Sardinia", "Garden", "Hütte 2024", "Club evening", HOSTILE_FOLDER)
CAMERAS = (("Acme", "Acme Shooter 3"), ("Sample", "Sample Rangefinder"), ("Pocket", "Pocket Phone 9"))
SHAPES = ((3, 2),) * 6 + ((2, 3),) * 3 + ((4, 3),) * 3 + ((3, 4), (1, 1), (16, 9), (4, 1), (1, 3))
PALETTES: tuple[tuple[Rgb, Rgb, Rgb], ...] = (
    ((38, 84, 124), (246, 189, 150), (52, 78, 65)),
    ((92, 164, 214), (232, 240, 242), (66, 122, 74)),
    ((24, 22, 54), (196, 84, 106), (20, 20, 38)),
    ((250, 208, 120), (226, 98, 66), (88, 40, 52)),
    ((196, 210, 214), (240, 240, 236), (96, 112, 116)),
    ((12, 34, 66), (70, 158, 168), (10, 24, 32)),
)
PLACES = ("bay", "old town", "ridge", "market", "orchard", "pier", "forest path", "valley")
DAYS = 50
NEWEST = datetime(2025, 10, 3, 18, 30)
BUSY_DAY = 3
"""The day, counted from the newest, that fills more than one screen."""


@dataclass(frozen=True)
class DrawnPhoto:
    """One photo of the card.

    Attributes:
        number: 0 is the newest.
        folder: name of its folder.
        taken: when.
        caption: what its description says; empty for some.
        keywords: of its XMP packet.
        camera: make and model.
        size: width and height [px].
    """

    number: int
    folder: str
    taken: datetime
    caption: str
    keywords: tuple[str, ...]
    camera: tuple[str, str]
    size: tuple[int, int]

    @property
    def name(self) -> str:
        """The file's name."""
        return f"IMG_{9999 - self.number}.JPG"


def planned_photos(count: int = 200) -> Iterator[DrawnPhoto]:
    """The photos of the card, the newest first; always the same."""
    chance = random.Random(11)
    for number in range(count):
        day, minute = _place_in_time(number, count)
        folder = FOLDERS[day % len(FOLDERS)]
        yield DrawnPhoto(
            number=number,
            folder=folder,
            taken=NEWEST - timedelta(days=15 * day, minutes=7 * minute),
            caption=_caption(number, chance),
            keywords=(HOSTILE_KEYWORD, "hostile") if number == 1 else ("holiday", chance.choice(PLACES).split()[-1]),
            camera=CAMERAS[day % len(CAMERAS)],
            size=_size(chance.choice(SHAPES)),
        )


def write_card(folder: Path, count: int = 200) -> list[DrawnPhoto]:
    """Draw the photos into folders below `folder`.

    Returns:
        What was drawn, the newest first.
    """
    photos = list(planned_photos(count))
    for photo in photos:
        path = folder / photo.folder / photo.name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = landscape(photo.size, photo.number)
        picture.save(path, "JPEG", quality=85, exif=_exif(photo), xmp=_packet(photo))
    return photos


def landscape(size: tuple[int, int], seed: int) -> Image.Image:
    """A sky, a sun and a few hills, others for every seed."""
    chance = random.Random(seed)
    top, horizon, hill = PALETTES[chance.randrange(len(PALETTES))]
    sky = Image.linear_gradient("L").resize(size)
    image = ImageOps.colorize(sky, top, horizon)
    draw = ImageDraw.Draw(image)
    radius = min(size) * chance.uniform(0.04, 0.1)
    x, y = size[0] * chance.uniform(0.15, 0.85), size[1] * chance.uniform(0.15, 0.5)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 244, 222))
    for layer in range(4):
        depth = (layer + 1) / 4
        colour = tuple(round(h + (s - h) * (1 - depth) * 0.8) for h, s in zip(hill, horizon, strict=True))
        draw.polygon(_ridge(size, 0.45 + 0.14 * layer, chance), fill=colour)
    return image


def _ridge(size: tuple[int, int], level: float, chance: random.Random) -> list[tuple[float, float]]:
    width, height = size
    waves = [(chance.uniform(1, 9), chance.uniform(0, math.tau), chance.uniform(0.01, 0.05)) for _ in range(3)]
    outline = []
    for x in range(0, width + 9, 8):
        rise = sum(high * math.sin(x / width * often + start) for often, start, high in waves)
        outline.append((x, height * (level - rise)))
    return [(0, height), *outline, (width + 9, height)]


def _place_in_time(number: int, count: int) -> tuple[int, int]:
    """The day, counted from the newest, and the number within it; a quarter of all photos are of one day."""
    busy = count // 4
    before = 3 * BUSY_DAY
    if number < before:
        return number // 3, number % 3
    if number < before + busy:
        return BUSY_DAY, number - before
    rest = number - before - busy
    return BUSY_DAY + 1 + rest * (DAYS - BUSY_DAY - 1) // (count - before - busy), rest % 7


def _caption(number: int, chance: random.Random) -> str:
    if number == 1:
        return HOSTILE_CAPTION
    if number == 150:
        return "The lighthouse at dusk"
    place = chance.choice(PLACES)
    return f"Morning at the {place}" if number % 3 else ""


def _size(shape: tuple[int, int]) -> tuple[int, int]:
    scale = 640 / max(shape)
    return round(shape[0] * scale), round(shape[1] * scale)


def _exif(photo: DrawnPhoto) -> Image.Exif:
    exif = Image.Exif()
    exif[271], exif[272] = photo.camera
    detail = exif.get_ifd(0x8769)
    detail[36867] = f"{photo.taken:%Y:%m:%d %H:%M:%S}"
    detail[33434] = IFDRational(1, 250)
    detail[33437] = IFDRational(28, 10)
    detail[34855] = 200
    detail[37386] = IFDRational(35)
    return exif


def _packet(photo: DrawnPhoto) -> bytes:
    words = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in photo.keywords)
    said = f"<rdf:li xml:lang='x-default'>{escape(photo.caption)}</rdf:li>"
    description = f"<dc:description><rdf:Alt>{said}</rdf:Alt></dc:description>" if photo.caption else ""
    return xmp(elements=f"{description}<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>")
