"""A source that goes away during a run, or lets us in no more: what was not read is left over, and the run ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from photopipe.errors import DownloadError, LoginRefused, PhotoChanged, PhotoVanished, SourceLost, SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.stop_token import StopToken


class LostSource:
    """Whether a source went away; all workers share it.

    Args:
        draining: set when one did: what was read already is finished. None for a run that waits for it to come back.
    """

    def __init__(self, draining: StopToken | None = None) -> None:
        self._draining = draining
        self._lock = Lock()
        self._has_left_photos = False
        self.why: SourceMissing | LoginRefused | None = None

    def leave_photo(self) -> None:
        """Say that a photo has come to the end of the line without having been read."""
        self._has_left_photos = True

    def has_left_photos(self) -> bool:
        """True if that was said since this was asked last; then a watched source is to be looked through again."""
        has_left, self._has_left_photos = self._has_left_photos, False
        return has_left

    @contextmanager
    def noticed(self, photo: FoundPhoto) -> Iterator[None]:
        """Find out, if a photo cannot be read in this block, whether its whole source is gone.

        Raises:
            SourceLost: it is.
            PhotoChanged: the photo was gone, and is back: its source was away for a moment, or it was replaced.
        """
        try:
            yield
        except DownloadError as error:
            self._check(photo, error)
            raise

    def _check(self, photo: FoundPhoto, error: DownloadError) -> None:
        try:
            photo.storage.check_source()
        except (SourceMissing, LoginRefused) as missing:
            if self._draining is not None:
                with self._lock:
                    self.why = self.why or missing
                self._draining.set()
            raise SourceLost(_LOST if isinstance(missing, SourceMissing) else _REFUSED) from error
        if isinstance(error, PhotoVanished) and _is_there(photo):
            raise PhotoChanged("was gone while it was read, and is back. The next run takes it up again.") from error


_LOST: Final = "was not read, because its source went away. Run again when it is back."
_REFUSED: Final = "was not read, because its source lets us in no more. Run again with a login that it accepts."


def _is_there(photo: FoundPhoto) -> bool:
    try:
        photo.found_again()
    except DownloadError:
        return False
    return True
