"""What all workers of one gallery share during a run: results they need once, and locks by name.

Neither grows with the number of photos: only the results used last are remembered, and a lock is
kept only while somebody holds it or waits for it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

T = TypeVar("T")

MAX_RESULTS: Final = 4096
"""How many results are remembered; one that was forgotten is made again."""


class Shared:
    """What all workers of one gallery share during a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Hashable, _CountedLock] = {}
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """The result of `make`, which is called once; other workers that ask meanwhile wait for it.

        Args:
            name: of the result.
            make: makes it. It must do no harm to call it again, which happens when the result was forgotten.

        Raises:
            Exception: what `make` raises. A failure is not remembered: the next worker tries again.
        """
        with self._lock:
            if name in self._results:
                self._results.move_to_end(name)
                found: T = self._results[name]
                return found
        with self.exclusive(name):
            return self._made(name, make)

    @contextmanager
    def exclusive(self, name: Hashable) -> Iterator[None]:
        """Inside, no other worker is inside with the same name."""
        with self._lock:
            lock = self._locks.setdefault(name, _CountedLock())
            lock.users += 1
        try:
            with lock.lock:
                yield
        finally:
            with self._lock:
                lock.users -= 1
                if not lock.users:
                    del self._locks[name]

    def _made(self, name: Hashable, make: Callable[[], T]) -> T:
        """Make the result, unless the worker that was waited for has made it."""
        with self._lock:
            if name in self._results:
                found: T = self._results[name]
                return found
        made = make()
        with self._lock:
            self._results[name] = made
            if len(self._results) > MAX_RESULTS:
                self._results.popitem(last=False)
        return made


class _CountedLock:
    """A lock, and how many workers hold it or wait for it."""

    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
