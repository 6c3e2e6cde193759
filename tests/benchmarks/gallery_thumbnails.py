"""What a thumbnail costs: processor time and bytes, beside Pillow's own `draft` and `thumbnail`.

    python tests/benchmarks/gallery_thumbnails.py --folder GALLERY [--rounds 3]

The folder holds JPEGs as photopipe uploads them, at any depth. Each is made into the thumbnail for dense screens,
400 px high, one after the other in one process.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photopipe.gallery.site.thumbnail_sizes import LARGE_PX, THUMBNAIL_SIZES
from photopipe.resize.thumbnail import make_thumbnail

SIZE = THUMBNAIL_SIZES[LARGE_PX]


def by_photopipe(data: bytes) -> bytes:
    """As the gallery makes them."""
    return make_thumbnail(io.BytesIO(data), max_height_px=SIZE.max_height_px, quality=SIZE.quality)


def by_pillow(data: bytes) -> bytes:
    """As most programs make them."""
    with Image.open(io.BytesIO(data)) as image:
        box = (image.width, LARGE_PX)
        image.draft("RGB", box)
        image.thumbnail(box)
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=SIZE.quality)
    return buffer.getvalue()


def measure(make: Callable[[bytes], bytes], photos: list[bytes], rounds: int) -> None:
    """Print processor time and size of a thumbnail."""
    make(photos[0])
    times, sizes = [], list[int]()
    for _ in range(rounds):
        began = time.process_time()
        sizes = [len(make(photo)) for photo in photos]
        times.append((time.process_time() - began) / len(photos))
    print(
        f"{make.__name__:>14}: {statistics.median(times) * 1000:.1f} ms, {statistics.mean(sizes) / 1000:.1f} kB on "
        f"average, {statistics.median(sizes) / 1000:.1f} kB in the middle, {max(sizes) / 1000:.0f} kB at most"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    photos = [path.read_bytes() for path in sorted(asked.folder.rglob("*.jpg"))]
    print(f"{len(photos)} photos")
    for make in (by_photopipe, by_pillow):
        measure(make, photos, asked.rounds)


if __name__ == "__main__":
    main()
