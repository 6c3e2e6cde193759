"""Where the pages find pictures: on the server, or in the folder of a static site."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from photopipe.gallery.index.stored_photo import StoredPhoto

THUMBNAIL_HEIGHTS_PX: Final = (200, 400)
"""Of the pictures in the grid: for ordinary screens, and for those with more pixels."""
PREVIEW_SIDE_PX: Final = 1280
"""Longer side of what a phone shows full screen."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the addresses of pictures.

    Attributes:
        root: what all of them begin with: `/` on the server, nothing in a static site, whose pages lie at its top.
    """

    root: str = "/"

    def picture(self, photo: StoredPhoto) -> str:
        """Of the stored file itself."""
        return f"{self.root}photos/{quote(photo.path)}"

    def thumbnail(self, photo: StoredPhoto, size: int) -> str:
        """Of a small picture made of it.

        Args:
            photo: the photo.
            size: one of `THUMBNAIL_HEIGHTS_PX`, or `PREVIEW_SIDE_PX`.
        """
        return f"{self.root}thumbs/{photo.sha256}/{size}.webp"
