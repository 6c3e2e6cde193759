"""Where renditions wait on the disk until the slowest gallery has them, so that memory stays bounded."""

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from threading import Lock

from photopipe.errors import DiskFull
from photopipe.photo import RenderedPhoto, ResizedPhoto


class Spool:
    """A folder of encoded pictures that several galleries are still to get.

    If its files are lost, they are made again, so they are not synced to the disk. What a killed run left there is
    removed.

    Args:
        folder: created with the first picture; nothing else may be in it.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = Lock()
        self._count = 0
        self.close()

    def put(self, photo: ResizedPhoto) -> ResizedPhoto:
        """Move a picture's bytes to the disk; an original stays where it is.

        Raises:
            DiskFull: there is no room for it.
        """
        if photo.data is None:
            return photo
        path = self._next_path()
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            with open(path, "wb") as file:
                file.write(photo.data)
        except OSError as error:
            raise DiskFull(
                f"{self._folder}: pictures that wait for a gallery cannot be written: {error.strerror}. "
                "Make room and run again; nothing is lost."
            ) from error
        return replace(photo, data=None, spooled_at=path)

    def remove(self, photo: RenderedPhoto) -> None:
        """Let go of the bytes of a photo that every gallery has answered for."""
        for rendition in photo.renditions:
            if rendition.spooled_at is not None:
                with suppress(FileNotFoundError):
                    os.unlink(rendition.spooled_at)

    def close(self) -> None:
        """Remove the folder with whatever is left in it."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _next_path(self) -> str:
        with self._lock:
            self._count += 1
            return os.path.join(self._folder, f"{self._count}.picture")
