"""Reading the headers of photos that an earlier version of photopipe has stored without looking at them."""

import os
from collections.abc import Callable, Iterator
from typing import Final

from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.stored_photo import StoredPhoto, photo_with_id, photos_without_details
from photopipe.gallery.store.details import read_details, record_details
from photopipe.gallery.store.store import PhotoStore

_PAGE: Final = 50


def read_missing_details(store: PhotoStore, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Read the header of each photo that has no details; photos whose files cannot be read are left as they are.

    Args:
        store: the gallery; others may use it meanwhile.
        is_stopped: asked before each photo; True ends the work.

    Returns:
        How many were read.

    Raises:
        sqlite3.Error: the index cannot be used.
    """
    described = 0
    for page in _pages(store, is_stopped):
        read = []
        for photo in page:
            if is_stopped():
                break
            try:
                read.append((photo, read_details(os.path.join(store.folder, photo.path))))
            except OSError:
                continue  # it is gone, or the disk fails: `photopipe gallery verify` says so
        with store.transaction() as (index, _):
            for photo, details in read:
                if photo_with_id(index, photo.id) == photo:
                    record_details(index, photo, details)
                    described += 1
    return described


def _pages(store: PhotoStore, is_stopped: Callable[[], bool]) -> Iterator[list[StoredPhoto]]:
    after = 0
    while not is_stopped():
        with opened_index(store.folder) as index:
            page = photos_without_details(index, _PAGE, after)
        if not page:
            return
        yield page
        after = page[-1].id
