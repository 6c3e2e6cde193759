"""When photo after photo fails for one reason, the gallery is the reason, and the run ends."""

import threading
from typing import Final

from photopipe.errors import UploadError
from photopipe.upload.http.upload_errors import UploadErrors

FAILURES_IN_A_ROW: Final = 10


class CircuitBreaker:
    """Counts photos that failed one after the other for one cause, over all workers of a gallery.

    Failures that are the photo's own fault (no `cause`) count neither way: they show nothing about
    the gallery.

    Args:
        outcomes: makes the error at the end.
    """

    def __init__(self, outcomes: UploadErrors) -> None:
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._cause = ""
        self._failures = 0

    def succeeded(self) -> None:
        """Note a photo the gallery took."""
        with self._lock:
            self._failures = 0

    def failed(self, error: UploadError) -> None:
        """Note a photo that failed.

        Raises:
            GalleryUnreachable: it was one too many of its kind; rows keep their state and are taken up again.
        """
        if not error.cause:
            return
        with self._lock:
            self._failures = self._failures + 1 if error.cause == self._cause else 1
            self._cause, failures = error.cause, self._failures
        if failures >= FAILURES_IN_A_ROW:
            raise self._outcomes.of_circuit_breaker(failures, error.cause) from error
