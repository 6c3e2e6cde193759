"""A bounded queue that can be closed: closing is a state, never an item.

    open --close()--> closed (what is in it can still be taken) --abort()--> aborted (empty, for good)

The textbook puts an end marker *into* the queue. That blocks when the queue is full, needs one
marker for each worker, and hangs when a worker dies. A state does none of that.
"""

from collections.abc import Callable, Generator, Iterator
from queue import Empty, Full, Queue
from threading import Condition
from time import monotonic
from typing import TypeVar

from photopipe.errors import PhotopipeError
from photopipe.pipeline.stats import QueueStats

T = TypeVar("T")


class QueueClosed(PhotopipeError):
    """The queue is closed: nothing more goes in or, once it is empty, comes out."""


class QueueAborted(PhotopipeError):
    """The queue was aborted: whatever was in it has been taken away."""


class ClosableQueue(Queue[T]):
    """A `queue.Queue` with an end.

    Guarantees, each held by a test of the same number: Q1 depth <= maxsize. Q2 accepted = taken +
    returned by abort + depth. Q3 first in, first out. Q4 a `put` that raises has not kept the item.
    Q5 `close`, `abort`, `producer_done` and `stats` never wait for room or items. Q6 close and abort
    wake every waiter. Q7 a waiting thread uses no CPU. Q8 aborted wins over closed. Q9 items are
    never compared, hashed or tested for truth.

    Args:
        maxsize: room for items; 0 means no bound.
        producers: how many `producer_done()` calls close the queue.
        name: shown in statistics.

    Source:
        The state machine follows `queue.Queue.shutdown` of Python 3.13; the producer count follows
        trio's cloned channels.
    """

    def __init__(self, maxsize: int = 0, *, producers: int = 1, name: str = "") -> None:
        if producers < 1:
            raise ValueError(f"a queue needs at least one producer, not {producers}")
        super().__init__(maxsize)
        self.name = name
        self._producers = producers
        self._closed = False
        self._aborted = False
        self._high_water = 0
        self._put_count = 0
        self._get_count = 0
        self._dropped_count = 0
        self._put_wait_s = 0.0
        self._get_wait_s = 0.0

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Add an item, waiting while the queue is full.

        Raises:
            QueueClosed: the queue is, or while waiting was, closed.
            QueueAborted: likewise aborted.
            queue.Full: no room within `timeout` seconds, or at once if not `block`.
        """
        with self.mutex:
            self._check_open()
            if self._is_full():
                self._put_wait_s += self._wait(self.not_full, self._must_wait_to_put, Full, block, timeout)
                self._check_open()
            self._put(item)
            self._put_count += 1
            self._high_water = max(self._high_water, self._qsize())
            self.unfinished_tasks += 1
            self.not_empty.notify()

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Take the oldest item, waiting while the queue is empty and open.

        Raises:
            QueueClosed: the queue is closed and empty.
            QueueAborted: the queue is, or while waiting was, aborted.
            queue.Empty: no item within `timeout` seconds, or at once if not `block`.
        """
        with self.mutex:
            if self._must_wait_to_get():
                self._get_wait_s += self._wait(self.not_empty, self._must_wait_to_get, Empty, block, timeout)
            self._check_not_aborted()
            if not self._qsize():
                raise QueueClosed(f"queue {self.name!r} is closed and empty")
            item = self._get()
            self._get_count += 1
            self.not_full.notify()
            return item

    def ticking(self, tick_s: float) -> Generator[T | None, None, bool]:
        """Yield items until the queue is closed and empty, or aborted; None whenever `tick_s` seconds bring none.

        Returns:
            True if it was closed, False if it was aborted.
        """
        while True:
            try:
                item = self.get(timeout=tick_s)
            except Empty:
                yield None
                continue
            except QueueClosed:
                return True
            except QueueAborted:
                return False
            yield item
            del item  # nor is anything kept alive here

    def __iter__(self) -> Iterator[T]:
        """Yield items until the queue is closed and empty, calling `task_done()` after each.

        Raises:
            QueueAborted: the queue was aborted.
        """
        while True:
            try:
                item = self.get()
            except QueueClosed:
                return
            try:
                yield item
            finally:
                del item  # so that nothing is kept alive while waiting for the next one
                self.task_done()

    def close(self) -> None:
        """End the queue: what is in it can be taken, nothing more can be put."""
        with self.mutex:
            self._close()

    def producer_done(self) -> None:
        """Say that one producer has ended; the last one closes the queue.

        Raises:
            ValueError: more producers have ended than there were.
        """
        with self.mutex:
            if self._aborted:
                return
            if self._closed:
                raise ValueError(f"queue {self.name!r} was closed already")
            self._producers -= 1
            if self._producers == 0:
                self._close()

    def abort(self) -> list[T]:
        """Empty the queue, end it for good and wake every thread that waits.

        Returns:
            The items that were in it, oldest first; they are the caller's now.
        """
        with self.mutex:
            self._aborted = True
            dropped = [self._get() for _ in range(self._qsize())]
            self._dropped_count += len(dropped)
            self.unfinished_tasks -= len(dropped)
            self._wake_everybody()
            self.all_tasks_done.notify_all()
            return dropped

    def join(self) -> None:
        """Wait until `task_done()` was called for every item.

        Raises:
            QueueAborted: the queue was aborted, so not all were done.
        """
        with self.all_tasks_done:
            while self.unfinished_tasks and not self._aborted:
                self.all_tasks_done.wait()
            self._check_not_aborted()

    def shutdown(self, immediate: bool = False) -> None:
        """Python 3.13's name for `close()` and, with `immediate`, for `abort()`."""
        if immediate:
            self.abort()
        else:
            self.close()

    def stats(self) -> QueueStats:
        """Count everything at one moment."""
        with self.mutex:
            return QueueStats(
                name=self.name,
                maxsize=self.maxsize,
                depth=self._qsize(),
                high_water=self._high_water,
                put_count=self._put_count,
                get_count=self._get_count,
                dropped_count=self._dropped_count,
                put_wait_s=self._put_wait_s,
                get_wait_s=self._get_wait_s,
            )

    def _wait(
        self,
        condition: Condition,
        must_wait: Callable[[], bool],
        too_late: type[Exception],
        block: bool,
        timeout: float | None,
    ) -> float:
        """Wait until there is something to do; returns the seconds waited. The mutex is held."""
        if not block:
            raise too_late
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        started = now = monotonic()
        while must_wait():
            remaining_s = None if timeout is None else started + timeout - now
            if remaining_s is not None and remaining_s <= 0:
                raise too_late
            condition.wait(remaining_s)
            now = monotonic()
        return now - started

    def _is_full(self) -> bool:
        return 0 < self.maxsize <= self._qsize()

    def _must_wait_to_put(self) -> bool:
        return self._is_full() and not self._closed and not self._aborted

    def _must_wait_to_get(self) -> bool:
        return not self._qsize() and not self._closed and not self._aborted

    def _check_not_aborted(self) -> None:
        if self._aborted:
            raise QueueAborted(f"queue {self.name!r} was aborted")

    def _check_open(self) -> None:
        self._check_not_aborted()
        if self._closed:
            raise QueueClosed(f"queue {self.name!r} is closed")

    def _close(self) -> None:
        self._closed = True
        self._wake_everybody()

    def _wake_everybody(self) -> None:
        self.not_empty.notify_all()
        self.not_full.notify_all()
