"""The sizes that small pictures come in; no others are made."""

from collections.abc import Mapping
from typing import Final

from photopipe.gallery.site.addresses import PREVIEW_SIDE_PX, THUMBNAIL_HEIGHTS_PX
from photopipe.gallery.thumbnails.thumbnail_size import ThumbnailSize

SMALL_PX, LARGE_PX = THUMBNAIL_HEIGHTS_PX
QUALITY_ON_DENSE_SCREENS: Final = 60
"""Two or three of its pixels are as wide as one of an ordinary screen, so that nobody sees what is lost. Measured on 67
photos, 400 px high: 16.5 kB on average, and 19.6 kB at 75."""
THUMBNAIL_SIZES: Final[Mapping[int, ThumbnailSize]] = {
    SMALL_PX: ThumbnailSize(str(SMALL_PX), max_height_px=SMALL_PX),
    LARGE_PX: ThumbnailSize(str(LARGE_PX), max_height_px=LARGE_PX, quality=QUALITY_ON_DENSE_SCREENS),
    PREVIEW_SIDE_PX: ThumbnailSize(str(PREVIEW_SIDE_PX), max_side_px=PREVIEW_SIDE_PX),
}
"""The number in the address, see `Addresses.thumbnail` -> the size."""
