"""A thread that applies a function to what comes out of one queue and puts it into the next."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from photopipe.pipeline.closable_queue import ClosableQueue, QueueAborted


class StoppableWorker(Thread):
    """The textbook's worker, without its hangs.

    It ends when `in_queue` is closed and empty, or when one of its queues is aborted. If anything in
    it raises, the exception is kept in `error` first, `crashed()` ends the neighbours second, and
    `release()` lets go of the out-queue last. By itself a worker passes an abort on to both its
    queues, so that nobody waits for a dead worker.

    Args:
        func: applied to each item.
        in_queue: where items come from.
        out_queue: where results go.
        name: the thread's name, such as `resize-2`.

    Attributes:
        in_hand: the item being worked on or, once there is one, its result not yet put; None while
            waiting, so that nothing is kept alive.
        error: what the worker died of, or None.
    """

    def __init__(
        self,
        func: Callable[[Any], Any],
        in_queue: ClosableQueue[Any],
        out_queue: ClosableQueue[Any],
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, daemon=False)
        self.func = func
        self.in_queue = in_queue
        self.out_queue = out_queue
        self.in_hand: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Work until the in-queue ends; nothing, set-up and tear-down included, is outside the guard."""
        self._guarded(self._work_through)
        self._guarded(self.tear_down)
        self.release()

    def crashed(self) -> None:
        """Called when this worker died of `error`."""
        self.abort_queues()

    def aborted(self) -> None:
        """Called when one of the queues was aborted."""
        self.abort_queues()

    def tear_down(self) -> None:
        """Called after the last item, in this thread; an exception counts as a crash."""

    def release(self) -> None:
        """Called last, whatever happened."""

    def abort_queues(self) -> None:
        """Abort both queues: the neighbours end too, and pass it on."""
        self.in_queue.abort()
        self.out_queue.abort()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except QueueAborted:
            self.aborted()
        except BaseException as error:  # noqa: BLE001 - a thread has no caller: whatever it is, it is reported
            self.error = error
            self.crashed()

    def _work_through(self) -> None:
        for item in self.in_queue:
            self.in_hand = item
            del item
            self.in_hand = self.func(self.in_hand)
            self.out_queue.put(self.in_hand)
            self.in_hand = None
