"""The sizes that small pictures come in; no others are made."""

from collections.abc import Mapping
from typing import Final

from photopipe.gallery.site.addresses import PREVIEW_SIDE_PX, THUMBNAIL_HEIGHTS_PX
from photopipe.gallery.thumbnails.thumbnail_size import ThumbnailSize

THUMBNAIL_SIZES: Final[Mapping[int, ThumbnailSize]] = {
    **{height_px: ThumbnailSize(str(height_px), max_height_px=height_px) for height_px in THUMBNAIL_HEIGHTS_PX},
    PREVIEW_SIDE_PX: ThumbnailSize(str(PREVIEW_SIDE_PX), max_side_px=PREVIEW_SIDE_PX),
}
"""The number in the address, see `Addresses.thumbnail` -> the size."""
