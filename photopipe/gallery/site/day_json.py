"""The days of a gallery and the photos of a day as the script of the pages reads them."""

from collections.abc import Sequence
from typing import Any, Final

from photopipe.gallery.index.listing import DayCount
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.addresses import Addresses
from photopipe.gallery.site.tile_json import tile_as_json

DAY_PHOTOS: Final = 100
"""How many photos of a day are read at a time."""


def days_as_json(days: Sequence[DayCount]) -> dict[str, Any]:
    """How many photos there are, and each day with its number of photos and the sum of their width/height ratios.

    From these sums, the script knows how high each day will be before it has read the day.
    """
    return {"photos": sum(day.photos for day in days), "days": [list(day) for day in days]}


def day_as_json(tiles: Sequence[Tile], following: str | None, addresses: Addresses) -> dict[str, Any]:
    """Photos of one day.

    Args:
        tiles: at most `DAY_PHOTOS`, newest first.
        following: address of the next ones, or None.
        addresses: makes the addresses of pictures.
    """
    return {"photos": [tile_as_json(tile, addresses) for tile in tiles], "next": following}
