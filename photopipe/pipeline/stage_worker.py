"""One worker of a stage: a `StoppableWorker` that knows parcels."""

from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

from photopipe.errors import ItemError
from photopipe.pipeline.closable_queue import ClosableQueue
from photopipe.pipeline.parcel import Parcel
from photopipe.pipeline.stage import Stage, Work
from photopipe.pipeline.stats import WorkerStats
from photopipe.pipeline.stoppable_worker import StoppableWorker
from photopipe.stop_token import StopToken


class StageWorker(StoppableWorker):
    """Applies a stage's function to each parcel that still needs work.

    The stage is set up when the first such parcel comes and torn down at the end, both in this
    thread. A crash or an abort is left to the line, which accounts for every parcel.

    Args:
        stage: what to do.
        number: 1, 2, 3 ... within the stage.
        in_queue: parcels waiting for the stage.
        out_queue: told `producer_done()` at the end.
        stop: handed to the work, which waits on it and on nothing else.
        on_crash: told when this worker died of `error`; it aborts the line.
    """

    def __init__(
        self,
        stage: Stage,
        number: int,
        *,
        in_queue: ClosableQueue[Parcel],
        out_queue: ClosableQueue[Parcel],
        stop: StopToken,
        on_crash: "Callable[[StageWorker], None]",
    ) -> None:
        super().__init__(self._work_on, in_queue, out_queue, name=f"{stage.name}-{number}")
        self._stage = stage
        self._stop_signal = stop
        self._on_crash = on_crash
        self._stack = ExitStack()
        self._work: Work | None = None
        self._parcels = 0
        self._failures = 0
        self._busy_s = 0.0

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
        return WorkerStats(self.name, self._stage.name, self._parcels, self._failures, self._busy_s)

    def _work_on(self, parcel: Parcel) -> Parcel:
        if parcel.settled:
            return parcel
        if self._work is None:
            self._work = self._stack.enter_context(self._stage.make_work())
        started = monotonic()
        try:
            return parcel.advanced(self._stage.name, self._work(parcel.payload, self._stop_signal))
        except ItemError as error:
            self._failures += 1
            return parcel.failed(self._stage.name, _without_frames(error))
        finally:
            self._parcels += 1
            self._busy_s += monotonic() - started


def _without_frames(error: ItemError) -> ItemError:
    """The error without tracebacks: their frames would keep whole pictures alive on the line."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
