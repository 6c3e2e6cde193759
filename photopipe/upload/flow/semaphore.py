"""A semaphore whose number of permits may change; whoever waits longest is served first."""

import threading
from collections import deque
from typing import Final

from photopipe.errors import RunStopped
from photopipe.stop_token import StopToken

STOPPED: Final = "the run was stopped while a photo waited for the gallery"


class AdjustableSemaphore:
    """As many permits as `limit` says.

    A permit that becomes free is handed to whoever waits longest, so nobody waits for ever, and only that
    one thread wakes.

    Args:
        limit: how many at first, 1 or more.
    """

    def __init__(self, limit: int) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._taken = 0
        self._waiting: deque[_Waiter] = deque()
        self._aborted = False

    def acquire(self, stop: StopToken) -> int:
        """Wait for a permit and take it.

        Waiting takes no processor time; it ends with a permit or by `abort`, which comes after
        `stop` was set. `stop` alone is noticed when a permit comes.

        Returns:
            How many permits are taken now.

        Raises:
            RunStopped: the run ended meanwhile; no permit is taken.
        """
        waiter = _Waiter()
        with self._lock:
            self._waiting.append(waiter)
            self._hand_out()
        waiter.woken.wait()
        with self._lock:
            if not (self._aborted or stop.is_set()):
                return self._taken
            if waiter.has_permit:
                self._taken -= 1
                self._hand_out()
        raise RunStopped(STOPPED)

    def release(self) -> None:
        """Give a permit back."""
        with self._lock:
            self._taken -= 1
            self._hand_out()

    def set_limit(self, limit: int) -> None:
        """Change how many there are; permits beyond a lower limit are not taken away, only not handed out again."""
        with self._lock:
            self._limit = limit
            self._hand_out()

    def abort(self) -> None:
        """Raise `RunStopped` for everybody who waits, and for whoever comes later."""
        with self._lock:
            self._aborted = True
            for waiter in self._waiting:
                waiter.woken.set()
            self._waiting.clear()

    def _hand_out(self) -> None:
        while self._waiting and (self._taken < self._limit or self._aborted):
            waiter = self._waiting.popleft()
            waiter.has_permit = not self._aborted
            self._taken += waiter.has_permit
            waiter.woken.set()


class _Waiter:
    """One worker that waits."""

    __slots__ = ("has_permit", "woken")

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.has_permit = False
