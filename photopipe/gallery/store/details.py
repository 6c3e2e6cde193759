"""What a stored picture's own header says, added to its row in the index."""

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from photopipe.errors import ItemError
from photopipe.gallery.index.listing import list_one_of_source
from photopipe.gallery.index.stored_photo import StoredPhoto, update_photo
from photopipe.gallery.index.words import index_words

if TYPE_CHECKING:
    from photopipe.resize.picture_details import PictureDetails


def read_details(path: str) -> "PictureDetails":
    """Read the header of a file; one that cannot be read says nothing.

    Raises:
        OSError: the file cannot be read.
    """
    from photopipe.resize.picture_details import PictureDetails, read_picture_details

    with open(path, "rb") as file:
        try:
            return read_picture_details(file)
        except ItemError:
            return PictureDetails()


def with_details(photo: StoredPhoto, details: "PictureDetails") -> StoredPhoto:
    """The row with what its header says."""
    return replace(
        photo,
        has_details=1,
        width_px=details.width_px,
        height_px=details.height_px,
        title=details.title,
        caption=details.caption,
        keywords="\n".join(" ".join(keyword.split()) for keyword in details.keywords),
        camera=details.camera,
        lens=details.lens,
        exposure_s=details.exposure_s,
        f_number=details.f_number,
        iso=details.iso,
        focal_length_mm=details.focal_length_mm,
    )


def record_details(connection: sqlite3.Connection, photo: StoredPhoto, details: "PictureDetails") -> None:
    """Write what a header says into the row and the words of a photo, inside the caller's transaction."""
    described = with_details(photo, details)
    update_photo(connection, described)
    index_words(connection, described)
    list_one_of_source(connection, described)
