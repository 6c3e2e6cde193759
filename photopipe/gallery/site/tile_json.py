"""A photo as the script of the pages reads it."""

from fractions import Fraction
from typing import Any

from photopipe.files.kinds import KINDS
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.addresses import PREVIEW_SIDE_PX, THUMBNAIL_HEIGHTS_PX, Addresses

SHOWN_BY_BROWSERS = frozenset(kind.media_type for kind in KINDS if kind.is_shown_by_browsers)


def tile_as_json(tile: Tile, addresses: Addresses) -> dict[str, Any]:
    """A photo with all that the grid and the viewer show of it; what is not known is left out.

    `thumbnails` and `sources` go into a `srcset`; a photo of which no picture can be made has neither, and is
    offered as a file.
    """
    photo = tile.photo
    shown = {
        "id": str(photo.id),
        "name": photo.file_name,
        "taken": photo.shown_at,
        "alt": alternative_text(photo),
        "width": photo.width_px,
        "height": photo.height_px,
        "url": addresses.picture(photo),
        "bytes": photo.size_bytes,
        "thumbnails": _thumbnails(photo, addresses),
        "sources": _sources(tile, addresses),
        "title": photo.title,
        "caption": photo.caption,
        "keywords": photo.keywords.split("\n") if photo.keywords else [],
        "camera": photo.camera,
        "lens": photo.lens,
        "exposure": exposure_text(photo),
        "albums": [{"id": number, "name": name} for number, name in tile.albums],
    }
    if tile.original is not None:
        original = tile.original
        shown["original"] = {
            "name": original.file_name,
            "url": addresses.picture(original),
            "bytes": original.size_bytes,
        }
    return {name: value for name, value in shown.items() if value not in ("", [], None)}


def alternative_text(photo: StoredPhoto) -> str:
    """What stands for the picture where it cannot be seen."""
    return photo.caption or photo.title or photo.file_name


def exposure_text(photo: StoredPhoto) -> str:
    """`1/250 s, f/2.8, ISO 200, 35 mm`, as far as it is known."""
    parts = (
        f"{_seconds(photo.exposure_s)} s" if photo.exposure_s else "",
        f"f/{photo.f_number:.3g}" if photo.f_number else "",
        f"ISO {photo.iso}" if photo.iso else "",
        f"{photo.focal_length_mm:.3g} mm" if photo.focal_length_mm else "",
    )
    return ", ".join(filter(None, parts))


def has_picture(photo: StoredPhoto) -> bool:
    """True if small pictures can be made of it: its header could be read."""
    return photo.width_px > 0 and photo.height_px > 0


def _seconds(exposure_s: float) -> str:
    if exposure_s >= 0.3:
        return f"{exposure_s:.3g}"
    return str(Fraction(1, round(1 / exposure_s)))


def _thumbnails(photo: StoredPhoto, addresses: Addresses) -> list[dict[str, Any]]:
    """Each with its width; none is larger than the picture itself."""
    if not has_picture(photo):
        return []
    return [
        {"url": addresses.thumbnail(photo, height_px), "width": width_of_thumbnail(photo, height_px)}
        for height_px in THUMBNAIL_HEIGHTS_PX
    ]


def width_of_thumbnail(photo: StoredPhoto, height_px: int) -> int:
    """How wide a thumbnail of this height is."""
    height_px = min(height_px, photo.height_px)
    return max(1, round(photo.width_px * height_px / photo.height_px))


def _sources(tile: Tile, addresses: Addresses) -> list[dict[str, Any]]:
    """What the viewer shows, by width: a preview that is made, and every rendition that browsers show."""
    sources: dict[int, str] = {}
    photo = tile.photo
    scale = PREVIEW_SIDE_PX / max(photo.width_px, photo.height_px, 1)
    if has_picture(photo) and (scale < 1 or photo.content_type not in SHOWN_BY_BROWSERS):
        sources[round(photo.width_px * min(scale, 1))] = addresses.thumbnail(photo, PREVIEW_SIDE_PX)
    for rendition in tile.renditions:
        if rendition.content_type in SHOWN_BY_BROWSERS and has_picture(rendition):
            sources[rendition.width_px] = addresses.picture(rendition)
    return [{"url": url, "width": width_px} for width_px, url in sorted(sources.items())]
