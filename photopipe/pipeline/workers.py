"""The threads that work: each applies a function to what comes out of one queue and puts the result into the next."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import Thread
from time import monotonic
from typing import Any, Protocol

from photopipe.errors import ItemError
from photopipe.pipeline.closable_queue import ClosableQueue, QueueAborted
from photopipe.pipeline.parcel import Parcel
from photopipe.pipeline.spans import Span, SpanRecorder
from photopipe.pipeline.stage import Stage, Work
from photopipe.pipeline.stats import WorkerStats
from photopipe.stop_token import StopToken


class Outlet(Protocol):
    """Where results go: the next queue, or what stands for several."""

    def put(self, item: Any) -> None:
        """Pass on one result; waits while there is no room."""
        ...

    def producer_done(self) -> None:
        """Say that one of the threads that put has ended."""
        ...

    def abort(self) -> Any:
        """End it for good."""
        ...


class StoppableWorker(Thread):
    """The textbook's worker, without its hangs.

    It ends when `in_queue` is closed and empty, or when one of its queues is aborted. If anything in
    it raises, the exception is kept in `error` first, `crashed()` ends the neighbours second, and
    `release()` lets go of the out-queue last. By itself a worker passes an abort on to both its
    queues, so that no thread waits for a dead worker.

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
        out_queue: Outlet,
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


class StageWorker(StoppableWorker):
    """Applies a stage's function to each parcel that still needs work.

    The stage is set up when the first such parcel comes and torn down at the end, both in this
    thread. A crash or an abort is left to the line, which accounts for every parcel.

    Args:
        stage: what to do.
        number: 1, 2, 3 ... within the stage.
        in_queue: parcels waiting for the stage.
        out_queue: `producer_done()` is called at the end.
        stop: passed to the work, whose waits listen to it.
        on_crash: called when this worker died of `error`; it aborts the line.
        recorders: told of each parcel that was worked on.
    """

    def __init__(
        self,
        stage: Stage,
        number: int,
        *,
        in_queue: ClosableQueue[Parcel],
        out_queue: Outlet,
        stop: StopToken,
        on_crash: "Callable[[StageWorker], None]",
        recorders: Sequence[SpanRecorder] = (),
    ) -> None:
        super().__init__(self._work_on, in_queue, out_queue, name=f"{stage.name}-{number}")
        self._stage = stage
        self._stop_signal = stop
        self._on_crash = on_crash
        self._recorders = recorders
        self._stack = ExitStack()
        self._work: Work | None = None
        self._parcels = 0
        self._failures = 0
        self._busy_s = 0.0
        self._is_busy = False

    def crashed(self) -> None:
        """Tell the line."""
        self._on_crash(self)

    def aborted(self) -> None:
        """Nothing: the line has emptied the queues and keeps what was in them."""

    def tear_down(self) -> None:
        """Leave the stage's context, if it was entered."""
        self._stack.close()

    def release(self) -> None:
        """Tell the next queue that one producer has ended."""
        self.out_queue.producer_done()

    def stats(self) -> WorkerStats:
        """What this worker did so far."""
        return WorkerStats(self.name, self._stage.name, self._parcels, self._failures, self._busy_s, self._is_busy)

    def _work_on(self, parcel: Parcel) -> Parcel:
        if parcel.finished and (parcel.error is not None or not self._stage.takes_finished):
            return parcel
        self._is_busy = True
        if self._work is None:
            self._work = self._stack.enter_context(self._stage.make_work())
        started, failures = monotonic(), self._failures
        try:
            return parcel.advanced(self._stage.name, self._work(parcel.payload, self._stop_signal))
        except ItemError as error:
            self._failures += 1
            return parcel.failed(self._stage.name, _without_frames(error))
        finally:
            ended = monotonic()
            self._is_busy = False
            self._parcels += 1
            self._busy_s += ended - started
            self._record(parcel, started, ended, failed=self._failures > failures)

    def _record(self, parcel: Parcel, started_s: float, ended_s: float, *, failed: bool) -> None:
        for recorder in self._recorders:
            label = recorder.label(parcel.payload)
            recorder.add(Span(self.name, self._stage.name, parcel.sequence, label, started_s, ended_s, failed))


def _without_frames(error: ItemError) -> ItemError:
    """The error without tracebacks: their frames would keep whole pictures alive on the line."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:  # one that several threads raised can be its own cause
        seen.add(id(link))
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
