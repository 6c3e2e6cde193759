"""The concurrency limit and the pauses that all workers of one gallery keep together."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.errors import RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.flow.concurrency_limit import ConcurrencyLimit
from photopipe.upload.flow.semaphore import STOPPED, AdjustableSemaphore
from photopipe.upload.http.upload_errors import RetryableError


class RateControl:
    """How many uploads of one gallery run at the same time, and when none may.

    Args:
        settings: uploads at the same time, at most, and the longest pause.
        clock: monotonic seconds.

    Attributes:
        on_pause: called, in any worker, with how long the gallery has asked to be left alone [seconds].
    """

    def __init__(self, settings: UploadSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._concurrency_limit = ConcurrencyLimit(settings.workers)
        self._semaphore = AdjustableSemaphore(self._concurrency_limit.limit)
        self._paused_until = 0.0
        self.on_pause: Callable[[float], None] = lambda _seconds: None

    @property
    def limit(self) -> int:
        """How many uploads may run at the same time now."""
        with self._lock:
            return self._concurrency_limit.limit

    @contextmanager
    def permit(self, stop: StopToken) -> Iterator[None]:
        """Wait until one more request may be made, and hold the permit while it is.

        What goes wrong inside is taken into account: `Retry-After` makes all workers pause, overload
        halves how many may upload at the same time.

        Args:
            stop: set when the run is to end; whoever sets it calls `abort` next.

        Raises:
            RunStopped: the run ended meanwhile.
        """
        self._acquire(stop)
        started_at = self._clock()
        try:
            yield
        except RetryableError as error:
            self._went_wrong(error, started_at)
            raise
        finally:
            self._semaphore.release()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Measure how long the gallery takes for a photo; requests without a photo show nothing of that."""
        started_at = self._clock()
        yield
        with self._lock:
            self._concurrency_limit.completed(started_at, self._clock())
            self._semaphore.set_limit(self._concurrency_limit.limit)

    def before_bytes(self) -> None:
        """Called before each piece of a request that is sent; what it raises ends the request."""

    def pause(self, seconds: float) -> None:
        """Make no request for so long; what has begun goes on."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def is_paused(self) -> bool:
        """True while no request may be made."""
        with self._lock:
            return self._paused_until > self._clock()

    def abort(self) -> None:
        """Wake everybody who waits for a permit, and give out none any more."""
        self._semaphore.abort()

    def _acquire(self, stop: StopToken) -> None:
        """Wait out the pause, then take a permit; nobody holds a permit that others could use while waiting."""
        while True:
            self._wait_out_pause(stop)
            taken = self._semaphore.acquire(stop)
            with self._lock:
                if self._paused_until <= self._clock():
                    self._concurrency_limit.started(taken)
                    return
            self._semaphore.release()

    def _wait_out_pause(self, stop: StopToken) -> None:
        while True:
            with self._lock:
                left_s = self._paused_until - self._clock()
            if left_s <= 0:
                return
            if stop.wait(left_s):
                raise RunStopped(STOPPED)

    def _went_wrong(self, error: RetryableError, started_at: float) -> None:
        now = self._clock()
        if error.retry_after_s is not None:
            pause_s = min(error.retry_after_s, self._settings.retry_after_cap_s)
            self.pause(pause_s)
            self.on_pause(pause_s)
        with self._lock:
            if error.is_overload:
                self._concurrency_limit.overloaded(started_at, now)
                self._semaphore.set_limit(self._concurrency_limit.limit)
