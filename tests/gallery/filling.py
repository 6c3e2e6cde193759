"""Galleries filled without a server, for tests that look at the store itself."""

import io
from typing import Any

from gallery.running_gallery import jpeg
from PIL import Image

from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Added, Upload


def picture(width_px: int = 60, height_px: int = 40, grey: int = 0, **texts: str) -> bytes:
    """A real JPEG file; `make`, `model`, `caption` and `taken` go into its header."""
    exif = Image.Exif()
    for name, tag in (("make", 271), ("model", 272), ("caption", 270)):
        if name in texts:
            exif[tag] = texts[name].encode()
    if "taken" in texts:
        exif.get_ifd(34665)[36867] = texts["taken"]
    file = io.BytesIO()
    Image.new("L", (width_px, height_px), grey).save(file, "JPEG", exif=exif)
    return file.getvalue()


def add(store: PhotoStore, data: bytes | str, name: str = "IMG_0042.jpg", key: str | None = None, **said: Any) -> Added:
    """Store a photo: bytes as they are, or what `jpeg` makes of a text."""
    content = jpeg(data) if isinstance(data, str) else data
    said = {"taken_at": "2025-10-03T12:33:10"} | said
    return store.add(Upload(key, None, name, said.pop("original_name", name), **said), io.BytesIO(content))


def shown(store: PhotoStore, **wanted: Any) -> list[int]:
    """Ids of the photos in the pages, newest first."""
    return [tile.photo.id for tile in store.tiles(PhotoFilter(**wanted), 100)[0]]
