"""The pace and the pauses that all workers of one gallery keep together."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.errors import RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.flow.concurrency_limit import ConcurrencyLimit
from photopipe.upload.flow.semaphore import STOPPED, AdjustableSemaphore
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import Trouble


class RateControl:
    """How many uploads of one gallery run at the same time, and when none may.

    Args:
        settings: uploads at the same time, at most, and the longest pause.
        contact: what all workers know about the endpoint.
        clock: monotonic seconds.
    """

    def __init__(self, settings: UploadSettings, endpoint_status: EndpointStatus, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._endpoint_status = endpoint_status
        self._clock = clock
        self._lock = threading.Lock()
        self._concurrency_limit = ConcurrencyLimit(settings.workers)
        self._semaphore = AdjustableSemaphore(self._concurrency_limit.limit)
        self._closed_until = 0.0

    @property
    def limit(self) -> int:
        """How many uploads may run at the same time now."""
        with self._lock:
            return self._concurrency_limit.limit

    @contextmanager
    def permit(self, stop: StopToken) -> Iterator[None]:
        """Wait until one more request may be made, and hold the permit while it is.

        What goes wrong inside tells the pace: `Retry-After` closes the gate for all workers, overload
        halves how many may get on.

        Args:
            stop: set when the run is to end; whoever sets it calls `abort` next.

        Raises:
            RunStopped: the run ended meanwhile.
        """
        self._get_on(stop)
        started_at = self._clock()
        try:
            yield
        except Trouble as trouble:
            self._went_wrong(trouble, started_at)
            raise
        finally:
            self._semaphore.give_back()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Measure how long the gallery takes for a photo; requests without one say nothing about that."""
        started_at = self._clock()
        yield
        with self._lock:
            self._concurrency_limit.came_back(started_at, self._clock())
            self._semaphore.set_limit(self._concurrency_limit.limit)

    def took_a_photo(self) -> None:
        """Note that the gallery has taken a photo."""
        self._endpoint_status.succeeded()

    def abort(self) -> None:
        """Wake everybody who waits for a permit, and let nobody on any more."""
        self._semaphore.abort()

    def _get_on(self, stop: StopToken) -> None:
        """Through the gate and into a slot; nobody waits at the gate in a slot that others could use."""
        while True:
            self._wait_for_gate(stop)
            taken = self._semaphore.take(stop)
            with self._lock:
                if self._closed_until <= self._clock():
                    self._concurrency_limit.started(taken)
                    return
            self._semaphore.give_back()

    def _wait_for_gate(self, stop: StopToken) -> None:
        while True:
            with self._lock:
                left_s = self._closed_until - self._clock()
            if left_s <= 0:
                return
            if stop.wait(left_s):
                raise RunStopped(STOPPED)

    def _went_wrong(self, trouble: Trouble, started_at: float) -> None:
        now = self._clock()
        with self._lock:
            if trouble.retry_after_s is not None:
                pause_s = min(trouble.retry_after_s, self._settings.retry_after_cap_s)
                self._closed_until = max(self._closed_until, now + pause_s)
            if trouble.is_overload:
                self._concurrency_limit.overloaded(started_at, now)
                self._semaphore.set_limit(self._concurrency_limit.limit)
