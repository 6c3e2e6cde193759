"""What one process of `resize_speed.py` does; not run by hand.

resize_worker.py photopipe|thumbnail SIDE OUT PHOTO...    one photo after the other
resize_worker.py threads SIDE WORKERS PHOTO...            prints wall time and peak memory as JSON
"""

import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # not imported by `photopipe`'s runs before it imports Pillow itself
    from PIL import Image

QUALITY = 85
WITHOUT = {
    "both": (),
    "simplejpeg": ("cykooz_resizer",),
    "cykooz": ("simplejpeg",),
    "pillow": ("cykooz_resizer", "simplejpeg"),
}
"""What is done without, to measure a place where not all is installed."""


def main() -> None:
    job, side, where, *photos = sys.argv[1:]
    if job == "thumbnail":
        _thumbnails(int(side), Path(where), photos)
    elif job == "photopipe":
        for photo in photos:
            (Path(where) / "photopipe.jpg").write_bytes(resized(photo, int(side)))
    elif job == "threads":
        print(json.dumps(_threads(int(side), int(where), photos)))
    else:
        print(json.dumps({photo: _loss_db(photo, int(side)) for photo in photos}))


def resized(photo: str, side_px: int) -> bytes:
    """One photo through the resize stage; what the download stage has to say about it is made up."""
    from photopipe.found_photo import FoundPhoto
    from photopipe.photo import DownloadedPhoto
    from photopipe.resize.jpeg import decode_jpeg as jpeg
    from photopipe.resize.pixels import resample
    from photopipe.resize.resize import resize
    from photopipe.settings import ResizeSettings

    for library in WITHOUT[os.environ.get("RESIZE_LIBRARIES", "both")]:
        setattr(jpeg if library == "simplejpeg" else resample, library, lambda: None)
    stat = os.stat(photo)
    found = FoundPhoto.from_stat(photo, stat)
    settings = ResizeSettings(max_width_px=side_px, max_height_px=side_px, quality=QUALITY)
    return resize(DownloadedPhoto(found, "0" * 64), settings).data or b""


def _thumbnails(side_px: int, out: Path, photos: list[str]) -> None:
    from PIL import Image

    for photo in photos:
        with Image.open(photo) as image:
            image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
            image.save(out / "thumbnail.jpg", quality=QUALITY)


def _threads(side_px: int, workers: int, photos: list[str]) -> dict[str, float]:
    resized(photos[0], side_px)  # imports
    with ThreadPoolExecutor(workers) as pool:
        began = time.perf_counter()
        for _ in pool.map(lambda photo: len(resized(photo, side_px)), photos):
            pass
        wall_s = time.perf_counter() - began
    return {"wall_s": wall_s, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """From `VmHWM`: `ru_maxrss` would count the process that started this one."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _loss_db(photo: str, side_px: int) -> float:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    cheap = Image.open(io.BytesIO(resized(photo, side_px)))
    with Image.open(photo) as image:
        full = ImageOps.exif_transpose(image).convert("RGB")
        profile = image.info.get("icc_profile")
    reference = _srgb(full.resize(cheap.size, Image.Resampling.LANCZOS), profile)
    dear = io.BytesIO()
    reference.save(dear, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return psnr_db(Image.open(dear), reference) - psnr_db(cheap, reference)


def _srgb(image: "Image.Image", profile: bytes | None) -> "Image.Image":
    from PIL import ImageCms

    if not profile:
        return image
    found, flags = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.Flags.BLACKPOINTCOMPENSATION
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    converted = ImageCms.profileToProfile(image, found, ImageCms.createProfile("sRGB"), intent, flags=flags)
    return converted or image


def psnr_db(image: "Image.Image", reference: "Image.Image") -> float:
    """How near a picture comes to another of the same size."""
    import numpy as np

    difference = np.asarray(image.convert("RGB"), np.float32) - np.asarray(reference, np.float32)
    return 20 * log10(255) - 10 * log10(float(np.mean(difference**2)))


if __name__ == "__main__":
    main()
