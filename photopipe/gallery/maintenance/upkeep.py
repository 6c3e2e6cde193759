"""What a gallery does by itself while it is served: it empties its trash, and reads headers not read before."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from photopipe.gallery.maintenance.missing_details import read_missing_details
from photopipe.gallery.store.store import PhotoStore

PAUSE_S: Final = 24 * 3600.0


@contextmanager
def upkeep(store: PhotoStore) -> Iterator[None]:
    """Look after a gallery in a thread of its own, at once and then every day, until the block is left."""
    stop = threading.Event()
    thread = threading.Thread(target=_look_after, args=(store, stop), name="gallery-upkeep")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _look_after(store: PhotoStore, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            store.settle()
            store.purge(datetime.now(UTC), stop.is_set)
            read_missing_details(store, stop.is_set)
        except (OSError, sqlite3.Error) as error:
            # The gallery goes on: it can show and take photos all the same.
            logging.getLogger(__name__).warning("the gallery in %s cannot be looked after: %s", store.folder, error)
        stop.wait(PAUSE_S)
