"""Room for a number of uploads that may change; whoever comes first gets on first."""

import threading
from collections import deque
from typing import Final

from photopipe.errors import RunStopped
from photopipe.stop_token import StopToken

STOPPED: Final = "the run was stopped while a photo waited for the gallery"


class AdjustableSemaphore:
    """Room for as many uploads at the same time as `limit` says.

    A slot that becomes free is handed to whoever waits longest, so nobody can be overtaken for ever,
    and only that one thread wakes.

    Args:
        limit: how many at first, 1 or more.
    """

    def __init__(self, limit: int) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._taken = 0
        self._waiting: deque[_Turn] = deque()
        self._aborted = False

    def take(self, stop: StopToken) -> int:
        """Wait for a slot and take it.

        Waiting costs no time of the processor; it ends with a slot or by `abort`, which comes after
        `stop` was set. `stop` alone is seen when the turn comes.

        Returns:
            How many slots are taken now.

        Raises:
            RunStopped: the run ended meanwhile; no slot is taken.
        """
        turn = _Turn()
        with self._lock:
            self._waiting.append(turn)
            self._hand_out()
        turn.came.wait()
        with self._lock:
            if not (self._aborted or stop.is_set()):
                return self._taken
            if turn.has_slot:
                self._taken -= 1
                self._hand_out()
        raise RunStopped(STOPPED)

    def give_back(self) -> None:
        """Give a slot back."""
        with self._lock:
            self._taken -= 1
            self._hand_out()

    def set_limit(self, limit: int) -> None:
        """Change how many there are; slots beyond a lower limit are not taken away, only not handed out again."""
        with self._lock:
            self._limit = limit
            self._hand_out()

    def abort(self) -> None:
        """Send away everybody who waits, and whoever comes later."""
        with self._lock:
            self._aborted = True
            for turn in self._waiting:
                turn.came.set()
            self._waiting.clear()

    def _hand_out(self) -> None:
        while self._waiting and (self._taken < self._limit or self._aborted):
            turn = self._waiting.popleft()
            turn.has_slot = not self._aborted
            self._taken += turn.has_slot
            turn.came.set()


class _Turn:
    """One worker's place in the queue."""

    __slots__ = ("came", "has_slot")

    def __init__(self) -> None:
        self.came = threading.Event()
        self.has_slot = False
