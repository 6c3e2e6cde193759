"""How many bytes decoding and encoding may hold at the same time, for all workers together."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from photopipe.errors import RunStopped
from photopipe.stop_token import NEVER, StopToken

SHARE_OF_MEMORY: Final = 4
USUAL_LIMIT_BYTES: Final = 1_000_000_000
"""Enough for two workers with pictures of 100 MP each; a machine with much memory has other uses for it."""
UNKNOWN_MEMORY_BYTES: Final = 2 << 30
"""Assumed memory of a machine that does not say how much it has [bytes]."""


class PixelBudget:
    """A number of bytes, of which pictures take their share and give it back; first come, first served.

    Whoever holds bytes decodes or encodes, waits for nobody and gives them back at the end, so waiting always ends.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0
        self._holders = 0
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def take(self, size_bytes: int, stop: StopToken = NEVER) -> Iterator[None]:
        """Hold some bytes for the length of the block; wait until they are free.

        Args:
            size_bytes: estimated memory of a picture, 0 or more. One that needs more than the whole budget waits
                until it is alone, and then passes.
            stop: ends the wait.

        Raises:
            RunStopped: the run was told to stop before the bytes were free.
        """
        with self._changed:
            if self._queue or not self._fits(size_bytes):
                self._wait(size_bytes, stop)
            self._taken_bytes += size_bytes
            self._holders += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken_bytes -= size_bytes
                self._holders -= 1
                self._changed.notify_all()

    def _wait(self, size_bytes: int, stop: StopToken) -> None:
        """Queue; only the first waits for the bytes, so that many small requests never overtake a large one."""
        ticket = object()
        self._queue.append(ticket)
        forget = stop.on_set(self._wake)
        try:
            self._changed.wait_for(lambda: stop.is_set() or (self._queue[0] is ticket and self._fits(size_bytes)))
            if stop.is_set():
                raise RunStopped("told to stop while a photo waited for memory")
        finally:
            forget()
            self._queue.remove(ticket)
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _fits(self, size_bytes: int) -> bool:
        return self._holders == 0 or self._taken_bytes + size_bytes <= self._limit_bytes


def default_limit_bytes() -> int:
    """A gigabyte, or a quarter of the machine's memory where that is less [bytes]."""
    try:
        memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf; others may not know these names
        memory_bytes = UNKNOWN_MEMORY_BYTES
    return min(USUAL_LIMIT_BYTES, max(1, memory_bytes) // SHARE_OF_MEMORY)


@cache
def shared_budget(limit_bytes: int | None) -> PixelBudget:
    """The budget of all workers of this process with the same limit.

    Args:
        limit_bytes: as `ResizeSettings.memory_bytes`; None for `default_limit_bytes`.
    """
    return PixelBudget(default_limit_bytes() if limit_bytes is None else limit_bytes)
