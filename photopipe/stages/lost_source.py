"""A source that goes away during a run: what was not read of it is left over, and the run ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from photopipe.errors import DownloadError, SourceLost, SourceMissing
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
        self.why: SourceMissing | None = None

    @contextmanager
    def noticed(self, photo: FoundPhoto) -> Iterator[None]:
        """Find out, if a photo cannot be read in this block, whether its whole source is gone.

        Raises:
            SourceLost: it is.
        """
        try:
            yield
        except DownloadError as error:
            self._check(photo, error)
            raise

    def _check(self, photo: FoundPhoto, error: DownloadError) -> None:
        try:
            photo.storage.check_source()
        except SourceMissing as missing:
            if self._draining is not None:
                with self._lock:
                    self.why = self.why or missing
                self._draining.set()
            raise SourceLost("was not read, because its source went away. Run again when it is back.") from error
