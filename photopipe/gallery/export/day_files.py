"""The data that the script of the pages reads: each day's photos, and the list of days."""

import json
from collections.abc import Sequence
from typing import Any

from photopipe.gallery.export.site_folder import SiteFile, SiteFolder, text_file
from photopipe.gallery.index.listing import DayCount
from photopipe.gallery.index.tile import Tile
from photopipe.gallery.site.addresses import Addresses
from photopipe.gallery.site.day_json import DAY_PHOTOS, day_as_json, days_as_json
from photopipe.gallery.site.tile_json import has_picture

_WIDTH_OF_FILE = 1.5
"""What a photo without a picture adds to the widths of its day, as in the index."""


class DayFiles:
    """Writes the photos of a listing: a file for each day, several for a day with many.

    Args:
        site: where.
        folder: `data`, or `data/album-3`.
        addresses: of the pictures.

    Attributes:
        days: those that have been added, newest first.
    """

    def __init__(self, site: SiteFolder, folder: str, addresses: Addresses) -> None:
        self.days: list[DayCount] = []
        self._site = site
        self._folder = folder
        self._addresses = addresses
        self._page: list[Tile] = []
        self._page_number = 1

    @property
    def photos(self) -> int:
        """How many photos have been added."""
        return sum(day.photos for day in self.days)

    def add(self, tile: Tile) -> None:
        """Add the next photo: it is not newer than the one before."""
        photo = tile.photo
        day = photo.shown_at[:10]
        is_same_day = bool(self.days) and self.days[-1].day == day
        if self._page and (not is_same_day or len(self._page) == DAY_PHOTOS):
            self._write_page(is_followed=is_same_day)
        if not is_same_day:
            self.days.append(DayCount(day, 0, 0.0))
            self._page_number = 1
        width = photo.width_px / photo.height_px if has_picture(photo) else _WIDTH_OF_FILE
        _, photos, widths = self.days[-1]
        self.days[-1] = DayCount(day, photos + 1, widths + width)
        self._page.append(tile)

    def finish(self) -> None:
        """Write what is left, and the list of days."""
        if self._page:
            self._write_page(is_followed=False)
        days: Sequence[DayCount] = [day._replace(widths=round(day.widths, 2)) for day in self.days]
        self._site.put([_json_file(f"{self._folder}/days.json", days_as_json(days))])

    def _write_page(self, *, is_followed: bool) -> None:
        following = self._path(self._page_number + 1) if is_followed else None
        page = day_as_json(self._page, following, self._addresses)
        self._site.put([_json_file(self._path(self._page_number), page)])
        self._page = []
        self._page_number += 1

    def _path(self, number: int) -> str:
        return f"{self._folder}/days/{self.days[-1].day}{f'-{number}' if number > 1 else ''}.json"


def _json_file(path: str, value: Any) -> SiteFile:
    return text_file(path, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
