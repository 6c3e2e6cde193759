"""Photos with as much detail as real ones, for measuring what a gallery's page costs."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps
from support.pictures import camera_exif

SAMPLES: Final = Path(__file__).resolve().parents[2] / "sample_images"
SIDE_PX: Final = 1280
PHOTOS_PER_DAY: Final = 8
NEWEST: Final = datetime(2025, 10, 3, 18, 30)


def write_detailed_photos(folder: Path, count: int) -> None:
    """Write parts of the sample images, every second one mirrored, eight for each day back from `NEWEST`.

    Args:
        folder: where; created.
        count: how many.
    """
    folder.mkdir(parents=True)
    whole = [_upright(path) for path in sorted(SAMPLES.rglob("*.JPG"))]
    chance = random.Random(5)
    for number in range(count):
        picture = _part(whole[number % len(whole)], chance)
        if number % 2:
            picture = ImageOps.mirror(picture)
        picture.thumbnail((SIDE_PX, SIDE_PX))
        taken = NEWEST - timedelta(days=number // PHOTOS_PER_DAY, minutes=20 * (number % PHOTOS_PER_DAY))
        exif = camera_exif(taken=f"{taken:%Y:%m:%d %H:%M:%S}")
        picture.save(folder / f"IMG_{number:04}.JPG", "JPEG", quality=85, exif=exif)


def _upright(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))
        return ImageOps.exif_transpose(image).convert("RGB")


def _part(image: Image.Image, chance: random.Random) -> Image.Image:
    share = chance.uniform(0.6, 1.0)
    width, height = round(image.width * share), round(image.height * share)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))
