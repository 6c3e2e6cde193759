"""What all workers know about the endpoint: tried since when, ever answered, last success, failures in a row."""

import threading
from collections.abc import Callable


class EndpointStatus:
    """The endpoint as seen by all workers of one run.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._first_tried_at: float | None = None
        self._answered = False
        self._last_success_at: float | None = None
        self._cause = ""
        self._failures_in_a_row = 0

    def trying(self) -> float:
        """Note an attempt; returns when any worker made the first one [monotonic seconds]."""
        with self._lock:
            if self._first_tried_at is None:
                self._first_tried_at = self._clock()
            return self._first_tried_at

    def answered(self) -> None:
        """Note an answer of any status."""
        with self._lock:
            self._answered = True

    def succeeded(self) -> None:
        """Note that the gallery took a photo, which for kinds that do not speak HTTP is also their first answer."""
        with self._lock:
            self._answered = True
            self._last_success_at = self._clock()
            self._failures_in_a_row = 0

    def failed(self, cause: str) -> int:
        """Note a photo that failed.

        Args:
            cause: what failed, in the same words for every photo it happens to.

        Returns:
            How many photos in a row, of all workers, have failed for this cause.
        """
        with self._lock:
            self._failures_in_a_row = self._failures_in_a_row + 1 if cause == self._cause else 1
            self._cause = cause
            return self._failures_in_a_row

    @property
    def has_answered(self) -> bool:
        """True once the endpoint has answered anything."""
        with self._lock:
            return self._answered

    def took_a_photo_since(self, time_s: float) -> bool:
        """True if a photo was taken after this time [monotonic seconds]."""
        with self._lock:
            return self._last_success_at is not None and self._last_success_at > time_s
