"""The line: a source, stages, and one parcel out for each thing that went in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from types import TracebackType
from typing import Any, Self

from photopipe.errors import RunStopped
from photopipe.pipeline.branches import Branches, Fork, Join
from photopipe.pipeline.closable_queue import ClosableQueue
from photopipe.pipeline.parcel import Parcel
from photopipe.pipeline.source_reader import SourceReader
from photopipe.pipeline.spans import SpanRecorder
from photopipe.pipeline.stage import Stage
from photopipe.pipeline.stats import LineStats
from photopipe.pipeline.workers import Outlet, StageWorker
from photopipe.stop_token import StopToken

JOIN_TICK_S = 0.5
"""The main thread always waits with a timeout, so that signal handlers run on every platform."""

LONGEST_NOTE = 200
"""Characters of a payload that a note on an exception may show."""


class Pipeline:
    """A line of stages, used once, in a `with` block that yields parcels.

    Three ways to end. *Finish*: the source ran out. *Drain*: nothing more is pulled, what is on the
    line is finished. *Abort*: every thread is woken and ends; what was on the line is in `leftovers`.
    A crash aborts, and so does leaving the block early.

    Guarantees, each held by a test of the same number: P1 yielded + leftovers = pulled, each once,
    on every path. P2 leaving the block ends all threads. P3 no silent success. P4 parcels alive <=
    sum of maxsizes + workers + 1. P5 the first cause comes first. P6 a failed parcel changes no
    other. P7 the same set of results as a plain loop; in the same order with one worker a stage and
    no branches. P8 the source is closed in the thread that pulled it.

    Args:
        source: pulled by one thread. One that waits must end its wait when `draining` is set.
        stages: at least one, in the order parcels travel; `Branches` stand side by side.
        maxsize: results that may wait for the caller, 1 or more.
        stop: set when the line is aborted; every wait of a stage listens to it.
        draining: set when nothing more is pulled.

    Raises:
        ValueError: no stage, or no room for results.
    """

    def __init__(
        self,
        source: Iterable[Any],
        stages: Sequence[Stage | Branches],
        *,
        maxsize: int = 1,
        stop: StopToken | None = None,
        draining: StopToken | None = None,
    ) -> None:
        if not stages or maxsize < 1:
            raise ValueError("a line needs at least one stage and room for one result")
        self._stop = stop or StopToken()
        self._draining = draining or StopToken()
        self._lock = Lock()
        self._causes: list[tuple[BaseException, str]] = []
        self._dropped: list[Parcel] = []
        self._queues: list[ClosableQueue[Parcel]] = []
        self._workers: list[StageWorker] = []
        self._joins: list[Join] = []
        self._recorders: list[SpanRecorder] = []
        self._stage_count = 0
        self._results = self._add_queue("results", maxsize, _putters(stages))
        entrance = self._build(stages)
        self._reader = SourceReader(source, entrance, self._draining, self._source_failed)
        self._entered = False
        self._finished = False
        self._was_raised = False

    def __enter__(self) -> Self:
        """Start all threads."""
        if self._entered:
            raise RuntimeError("a Pipeline can be used once; make another one")
        self._entered = True
        try:
            for thread in (*self._workers, self._reader):
                thread.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End all threads; a failure that was not raised yet is raised, or noted on the one being raised."""
        self._end()
        if error is None and self._causes and not self._was_raised:
            error, _where = self._causes[0]
            self._note_on(error)
            raise error
        if error is not None:
            self._note_on(error)

    def __iter__(self) -> Iterator[Parcel]:
        """Yield each parcel at the end of the line, until the line has ended."""
        return (parcel for parcel in self.results(JOIN_TICK_S) if parcel is not None)

    def results(self, tick_s: float) -> Iterator[Parcel | None]:
        """Yield each parcel at the end of the line, and None whenever `tick_s` seconds bring none.

        Raises:
            BaseException: what stopped the line, with its own type; when it leaves the block it has notes
                saying where, and what else went wrong.
        """
        if not self._entered:
            raise RuntimeError("use the Pipeline in a 'with' block")
        self._finished = yield from self._results.ticking(tick_s)
        if self._causes:
            self._was_raised = True
            error, _where = self._causes[0]
            raise error

    def drain(self) -> None:
        """Pull nothing more; finish what is on the line. Does not wait."""
        self._draining.set()

    def abort(self) -> None:
        """Wake every thread and end; what is on the line becomes `leftovers`. Does not wait."""
        try:
            self._draining.set()
            self._stop.set()
        finally:
            with self._lock:
                for queue in self._queues:
                    self._dropped += queue.abort()

    @property
    def pulled(self) -> int:
        """How many payloads the source has given so far."""
        return self._reader.pulled

    @property
    def leftovers(self) -> list[Parcel]:
        """After the block: parcels that were never yielded, in the order they were pulled.

        One for which `is_finished` is true was worked on to the end, but not yielded.
        """
        hands = [self._reader.in_hand, *(worker.in_hand for worker in self._workers)]
        held = [*self._dropped, *(parcel for parcel in hands if parcel is not None)]
        branched = [parcel for join in self._joins for parcel in join.unfinished()]
        by_sequence = {
            parcel.sequence: parcel for parcel in (*held, *branched)
        }  # a branched one is on several branches
        return [by_sequence[sequence] for sequence in sorted(by_sequence)]

    def is_finished(self, parcel: Parcel) -> bool:
        """True for a parcel that no stage has anything to do with any more."""
        return parcel.finished or len(parcel.done) == self._stage_count

    def stats(self) -> LineStats:
        """What the line did so far, and where it waited."""
        queues = tuple(queue.stats() for queue in reversed(self._queues))
        places = {queue.name: place for place, queue in enumerate(queues)}
        workers = sorted((worker.stats() for worker in self._workers), key=lambda worker: places[worker.stage])
        return LineStats(queues, tuple(workers))

    @property
    def dashboard(self) -> str | None:
        """None: threads have no pages of their own, as engines of clusters may."""
        return None

    def record_spans(self, label: Callable[[Any], str] = lambda _payload: "") -> SpanRecorder:
        """Record when each worker is busy; to be called before the block is entered, by each who wants to know.

        Args:
            label: what a payload is called, in the spans.
        """
        recorder = SpanRecorder(label)
        self._recorders.append(recorder)
        return recorder

    def _build(self, stages: Sequence[Stage | Branches]) -> Outlet:
        """Make queues and workers, from the results back to the source; returns where the source puts."""
        outlet: Outlet = self._results
        for at in range(len(stages) - 1, -1, -1):
            element, putters = stages[at], _putters(stages[:at])
            if isinstance(element, Branches):
                outlet = self._add_branches(element, putters, outlet)
            else:
                outlet = self._add_stage(element, putters, outlet)
        return outlet

    def _add_branches(self, branches: Branches, putters: int, outlet: Outlet) -> Fork:
        join = Join(branches, outlet)
        self._joins.append(join)
        inboxes = [
            self._add_stage(stage, putters, join.outlet_of(number)) for number, stage in enumerate(branches.stages)
        ]
        return Fork(inboxes, join, outlet)

    def _add_stage(self, stage: Stage, putters: int, outlet: Outlet) -> ClosableQueue[Parcel]:
        inbox = self._add_queue(stage.name, stage.maxsize, putters)
        self._stage_count += 1
        self._workers += [
            StageWorker(
                *(stage, number),
                in_queue=inbox,
                out_queue=outlet,
                stop=self._stop,
                on_crash=self._worker_crashed,
                recorders=self._recorders,
            )
            for number in range(1, stage.workers + 1)
        ]
        return inbox

    def _add_queue(self, name: str, maxsize: int, putters: int) -> ClosableQueue[Parcel]:
        queue = ClosableQueue[Parcel](maxsize, producers=putters, name=name)
        self._queues.append(queue)
        return queue

    def _worker_crashed(self, worker: StageWorker) -> None:
        """Record first, abort second; the worker releases its queue last."""
        stopped_as_told = self._stop.is_set() and isinstance(worker.error, RunStopped)
        if worker.error is not None and not stopped_as_told:
            parcel = worker.in_hand
            held = "" if parcel is None else f" with {repr(parcel.payload)[:LONGEST_NOTE]}"
            self._record(worker.error, f"in worker {worker.name}{held}")
        self.abort()

    def _source_failed(self, error: BaseException) -> None:
        """Record only: what is on the line already is finished first."""
        self._record(error, "in the source")

    def _record(self, error: BaseException, where: str) -> None:
        with self._lock:
            self._causes.append((error, where))

    def _note_on(self, error: BaseException) -> None:
        """Note on an exception that leaves the block what else went wrong on the line."""
        for cause, where in self._causes:
            if cause is error:
                error.add_note(f"The line stopped {where}.")
            else:
                error.add_note(f"Besides, {where}: {cause!r}")

    def _end(self) -> None:
        try:
            if not self._finished:
                self.abort()
        finally:
            for thread in (self._reader, *self._workers):
                while thread.is_alive():
                    thread.join(JOIN_TICK_S)


def _putters(stages: Sequence[Stage | Branches]) -> int:
    """How many threads put into what comes after these stages: the source, if there are none.

    What is finished goes past branches, so a thread that puts in front of them also puts behind them.
    """
    if not stages:
        return 1
    *before, last = stages
    if isinstance(last, Branches):
        return _putters(before) + sum(stage.workers for stage in last.stages)
    return last.workers
