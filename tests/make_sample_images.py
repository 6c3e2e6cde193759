"""Draws the sample camera card: `python tests/make_sample_images.py [FOLDER]` (default: sample_images).

Everything is computed, from fixed seeds; no photo was taken. `sample_images_art/` holds the scenes
(`mountains`, `woods`, `sea`, `nights`, `city`, `close_ups`), the painter's box (`canvas`, `terrain`) and the
camera that writes the files (`camera`, `icc`). Takes under two minutes on two cores.
"""

import argparse
import importlib
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from pillow_heif import register_heif_opener
from sample_images_art.camera import Shot, save
from sample_images_art.canvas import Bytes

DEFAULT_FOLDER = Path(__file__).resolve().parent.parent / "sample_images"
ZOOM, MACRO, WIDE = "Sample 24-105mm F4", "Sample 100mm F2.8 Macro", "Sample 14-24mm F2.8"

SHOTS = (
    Shot("DCIM/100PHOTO/IMG_0001.JPG", "mountains.misty_ridges", (3000, 2000), "2025:09:28 06:58:12",
         "Mist between wooded ridges at dawn", ZOOM, 85, 8.0, (1, 125), 100, 80),
    Shot("DCIM/100PHOTO/IMG_0002.JPG", "close_ups.dew", (2400, 1600), "2025:09:28 08:21:40",
         "Dew on a leaf", MACRO, 100, 4.0, (1, 320), 200, 78, subsec="07"),
    Shot("DCIM/100PHOTO/IMG_0003.JPG", "mountains.alpine_lake", (3000, 2000), "2025:09:29 07:12:03",
         "First light on a peak above a lake", ZOOM, 50, 11.0, (1, 60), 100, 76,
         position=(45.97639, 7.65861, 2537), owned=True),
    Shot("DCIM/100PHOTO/IMG_0004.JPG", "sea.sunset_sea", (4032, 3024), "2025:09:30 19:14:55",
         "Sunset over the sea", ZOOM, 35, 9.0, (1, 200), 100, 60),
    Shot("DCIM/100PHOTO/IMG_0005.JPG", "nights.milky_way", (1600, 2400), "2025:09:30 23:41:18",
         "The Milky Way over a tent", WIDE, 14, 2.8, (20, 1), 3200, 80, orientation=8),
    Shot("DCIM/100PHOTO/IMG_0006.TIF", "mountains.moonlit_dunes", (1600, 1066), "2025:10:01 05:02:36",
         "Moon over the dunes", ZOOM, 70, 4.0, (1, 8), 1600),
    Shot("DCIM/101PHOTO/DSC_0101.JPG", "woods.snowy_spruces", (1600, 2400), "2025:10:02 08:09:27",
         "Early snow in the spruces", ZOOM, 60, 8.0, (1, 250), 100, 78, orientation=6),
    Shot("DCIM/101PHOTO/DSC_0102.WEBP", "woods.autumn_hills", (2048, 1365), "2025:10:02 17:33:50",
         "Woods in autumn", ZOOM, 105, 8.0, (1, 160), 200, 64),
    Shot("DCIM/101PHOTO/DSC_0103.JPG", "close_ups.dahlia", (2400, 1800), "2025:10:03 16:45:09",
         "Dahlia", MACRO, 100, 5.6, (1, 200), 100, 80, subsec="52", wide_gamut=True),
    Shot("DCIM/101PHOTO/DSC_0104.PNG", "sea.jellyfish", (1080, 1440), "2025:10:03 18:20:31",
         "Jellyfish, cut out", MACRO, 100, 2.8, (1, 60), 1600),
    Shot("DCIM/101PHOTO/DSC_0105.HEIC", "nights.aurora", (2048, 1365), "2025:10:03 23:57:44",
         "Northern lights over a lake", WIDE, 18, 2.8, (6, 1), 2500, 60),
    Shot("DCIM/101PHOTO/DSC_0106.JPG", "city.wet_window", (2100, 1400), "2025:10:04 20:15:02",
         "City lights through a wet window", ZOOM, 105, 4.0, (1, 40), 1600, 76, subsec="330"),
)  # fmt: skip


def drawn(shot: Shot, shrink: int = 1) -> Bytes:
    """The shot's upright pixels, at its size divided by `shrink`."""
    module, scene = shot.scene.split(".")
    draw = getattr(importlib.import_module(f"sample_images_art.{module}"), scene)
    width, height = shot.size
    pixels: Bytes = draw(width // shrink, height // shrink)
    return pixels


def make(shot: Shot, folder: Path, shrink: int = 1) -> str:
    """Draws and saves one shot; returns a line about the file."""
    register_heif_opener()
    path = save(shot, drawn(shot, shrink), folder)
    with Image.open(path) as image:
        return f"{shot.file}  {image.format} {image.width}x{image.height}  {path.stat().st_size / 1000:.0f} kB"


def main() -> None:
    """Draws the whole card, two pictures at a time."""
    parser = argparse.ArgumentParser(description="Draw the sample camera card.")
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--only", default="", help="draw only scenes whose name contains this")
    options = parser.parse_args()
    shots = [shot for shot in SHOTS if options.only in shot.scene]
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for line in pool.map(partial(make, folder=options.folder), shots):
            print(line, flush=True)


if __name__ == "__main__":
    main()
