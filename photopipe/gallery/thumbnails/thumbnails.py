"""Thumbnails as they are asked for: each is made once, and only a few at a time."""

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Self

from photopipe.errors import ItemError
from photopipe.gallery.thumbnails.kept_thumbnails import KeptThumbnails
from photopipe.gallery.thumbnails.thumbnail_size import ThumbnailSize

MOST_WAITING: Final = 24
"""Callers that may wait at the same time: four browsers, each with its six connections."""


class ThumbnailsBusy(Exception):
    """So many callers wait already that this one had better come again."""


class Thumbnails:
    """The thumbnails of the photos in one folder; safe to use from many threads, and from several processes at once.

    Args:
        folder: the gallery's folder.
        most_waiting: how many callers may wait for thumbnails that are being made.
    """

    def __init__(self, folder: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._kept = KeptThumbnails(os.path.abspath(folder))
        # As many threads as cores, and always the same ones, because each thread that decodes keeps memory.
        self._makers = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="thumbnails")
        self._lock = threading.RLock()  # a future that is done at once calls back at once
        self._being_made: dict[tuple[str, str], Future[bytes | None]] = {}
        self._room_to_wait = threading.Semaphore(most_waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads when they have finished what they are making."""
        self._makers.shutdown(cancel_futures=True)

    def get(self, sha256: str, path: str, size: ThumbnailSize) -> bytes | None:
        """The thumbnail of a photo, made now if there is none yet.

        Args:
            sha256: hash of the photo's file, hexadecimal.
            path: the photo's file.
            size: how large.

        Returns:
            A WebP file, or None if no picture can be made of this photo.

        Raises:
            ThumbnailsBusy: too many callers wait already.
            OSError: the photo's file cannot be read.
        """
        kept = self._kept.read(sha256, size.name)
        if kept is not None:
            return kept
        if not self._room_to_wait.acquire(blocking=False):
            raise ThumbnailsBusy
        try:
            return self._future(sha256, path, size).result()
        finally:
            self._room_to_wait.release()

    def _future(self, sha256: str, path: str, size: ThumbnailSize) -> "Future[bytes | None]":
        """What becomes the thumbnail: the same for all who ask for it meanwhile."""
        key = (sha256, size.name)
        with self._lock:
            future = self._being_made.get(key)
            if future is None:
                future = self._makers.submit(self._make, sha256, path, size)
                self._being_made[key] = future
                future.add_done_callback(partial(self._made, key))
            return future

    def _made(self, key: tuple[str, str], _future: object) -> None:
        with self._lock:
            del self._being_made[key]

    def _make(self, sha256: str, path: str, size: ThumbnailSize) -> bytes | None:
        from photopipe.resize.decoders.decoders import decoder_versions
        from photopipe.resize.thumbnail import make_thumbnail

        kept = self._kept.read(sha256, size.name)  # it may have been made since the caller looked
        if kept is not None or self._kept.has_none(sha256, decoder_versions()):
            return kept
        with open(path, "rb", opener=_open_no_link) as file:
            try:
                data = make_thumbnail(
                    file, max_height_px=size.max_height_px, max_side_px=size.max_side_px, quality=size.quality
                )
            except ItemError as error:
                if error.permanent and not isinstance(error.__cause__, MemoryError):
                    self._kept.keep_failure(sha256, decoder_versions())
                return None
        self._kept.keep(sha256, size.name, data)
        return data


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)
