"""How far a JPEG's decoder may shrink it before the result suffers: the origin of the margins in `decode_jpeg.py`.

    python tests/benchmarks/decode_scale.py --folder PHOTOS [--limit-db 0.33]

Each photo is decoded at 4/8, 2/8 and 1/8, resampled to sizes below that, and compared with a full decode and Lanczos,
both after JPEG at quality 85: the loss is the difference of their PSNR against the picture before encoding. For each
class of bytes per pixel and each scale, the margin is the least from which on no photo loses more than the limit. The
photos are halved by name: margins are chosen on one half, and what they would be on the other is printed beside.
"""

import argparse
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import inf
from pathlib import Path
from typing import NamedTuple

from PIL import Image

sys.path.insert(0, os.fspath(Path(__file__).parents[1]))

from benchmarks.resize_worker import QUALITY, psnr_db

from photopipe.resize.jpeg.decode_jpeg import FROM_BYTES_PER_PX, FULL, scaled_px, simplejpeg
from photopipe.resize.pixels.resample import LANCZOS, resample

MARGINS = (1.02, 1.1, 1.16, 1.22, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2.0, 2.3)
SCALES = (4, 2, 1)


class Loss(NamedTuple):
    """What one decode cost."""

    bytes_per_px: float
    eighths: int
    margin: float
    loss_db: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where the photos are")
    parser.add_argument("--limit-db", type=float, default=0.33)
    options = parser.parse_args()
    photos = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    if not photos or simplejpeg() is None:
        sys.exit("No JPEGs there, or simplejpeg is not installed.")
    with ProcessPoolExecutor() as pool:
        chosen, held = (list(pool.map(_losses, half)) for half in (photos[::2], photos[1::2]))
    print("bytes per pixel from, scale: margin chosen on one half / needed by the other (photos)")
    above = inf
    for least, _ in FROM_BYTES_PER_PX:
        for eighths in SCALES:
            halves = [_in_class(half, least, above) for half in (chosen, held)]
            margins = " / ".join(str(_margin(each, eighths, options.limit_db)) for each in halves)
            print(f"{least:.2f}, {eighths}/8: {margins} ({' / '.join(str(len(each)) for each in halves)})")
        above = least


def _in_class(photos: Iterable[Sequence[Loss]], least: float, above: float) -> list[Sequence[Loss]]:
    return [losses for losses in photos if least <= losses[0].bytes_per_px < above]


def _margin(photos: Iterable[Sequence[Loss]], eighths: int, limit_db: float) -> float:
    """The least margin from which on nothing is worse; infinite if even the largest is not enough."""
    bad = [one.margin for each in photos for one in each if one.eighths == eighths and one.loss_db > limit_db]
    return next((margin for margin in MARGINS if margin > max(bad, default=0.0)), inf)


def _losses(photo: Path) -> list[Loss]:
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(photo) as image:
        full = image.convert("RGB")
    return list(_each(photo.read_bytes(), full))


def _each(data: bytes, full: Image.Image) -> Iterator[Loss]:
    decoder = simplejpeg()
    assert decoder is not None
    for eighths in SCALES:
        width_px, height_px = (scaled_px(side_px, eighths) for side_px in full.size)
        pixels = decoder.decode_jpeg(data, "RGBX", min_width=width_px, min_height=height_px)
        small = Image.frombuffer("RGBX", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "RGBX", 0, 1)
        box = (0.0, 0.0, full.width * eighths / FULL, full.height * eighths / FULL)
        for margin in MARGINS:
            size = (max(1, round(box[2] / margin)), max(1, round(box[3] / margin)))
            reference = full.resize(size, LANCZOS)
            dear, cheap = (psnr_db(_encoded(one), reference) for one in (reference, resample(small, size, box)))
            yield Loss(len(data) / (full.width * full.height), eighths, margin, dear - cheap)


def _encoded(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return Image.open(buffer)


if __name__ == "__main__":
    main()
