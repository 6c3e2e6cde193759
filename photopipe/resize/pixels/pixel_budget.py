"""How many bytes decoding and encoding may hold at the same time, for all workers together."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

SHARE_OF_MEMORY: Final = 4
USUAL_LIMIT_BYTES: Final = 1_000_000_000
"""Enough for two workers with pictures of 100 MP each; a machine with much memory has other uses for it."""
WITHOUT_A_WORD: Final = 2 << 30
"""Assumed memory of a machine that does not say how much it has [bytes]."""


class PixelBudget:
    """A number of bytes that is taken from and given back to; first come, first served.

    Whoever holds bytes decodes or encodes, waits for nobody and gives them back at the end, so waiting always ends.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0
        self._holders = 0
        self._turn = threading.Condition()
        self._line: deque[object] = deque()

    @contextmanager
    def take(self, size_bytes: int) -> Iterator[None]:
        """Hold some bytes for the length of the block; wait until they are free.

        Args:
            size_bytes: estimated memory of a picture, 0 or more. One that needs more than the whole budget waits
                until it is alone, and then passes.
        """
        with self._turn:
            self._wait_for_turn(size_bytes)
            self._taken_bytes += size_bytes
            self._holders += 1
        try:
            yield
        finally:
            with self._turn:
                self._taken_bytes -= size_bytes
                self._holders -= 1
                self._turn.notify_all()

    def _wait_for_turn(self, size_bytes: int) -> None:
        """Stand in line; who is first waits for the bytes, so that many small ones never pass a large one by."""
        ticket = object()
        self._line.append(ticket)
        try:
            self._turn.wait_for(lambda: self._line[0] is ticket and self._fits(size_bytes))
        finally:
            self._line.remove(ticket)
            self._turn.notify_all()

    def _fits(self, size_bytes: int) -> bool:
        return self._holders == 0 or self._taken_bytes + size_bytes <= self._limit_bytes


def default_limit_bytes() -> int:
    """A gigabyte, or a quarter of the machine's memory where that is less [bytes]."""
    try:
        memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf; others may not know these names
        memory_bytes = WITHOUT_A_WORD
    return min(USUAL_LIMIT_BYTES, max(1, memory_bytes) // SHARE_OF_MEMORY)


@cache
def shared_budget(limit_bytes: int | None) -> PixelBudget:
    """The budget of all workers of this process with the same limit.

    Args:
        limit_bytes: as `ResizeSettings.memory_bytes`; None for `default_limit_bytes`.
    """
    return PixelBudget(default_limit_bytes() if limit_bytes is None else limit_bytes)
