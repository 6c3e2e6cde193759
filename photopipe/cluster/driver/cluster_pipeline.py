"""The line on a cluster, with the face of `Pipeline`: the rest of the program does not see the difference."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Final, Self

from photopipe.cluster.driver.cluster_run import STAGES, ClusterRun
from photopipe.cluster.driver.cluster_stats import ClusterStats
from photopipe.cluster.driver.dispatcher import Dispatcher
from photopipe.cluster.driver.recording import Recording
from photopipe.cluster.protocol.engine import Engine
from photopipe.pipeline import ClosableQueue, LineStats, Parcel, SpanRecorder
from photopipe.pipeline.source_reader import SourceReader
from photopipe.stop_token import StopToken

RESULTS_WAITING: Final = 64
JOIN_TICK_S: Final = 0.5


class ClusterPipeline:
    """A source and a cluster, used once, in a `with` block that yields parcels; keeps P1 to P6 and P8 of `Pipeline`.

    Args:
        source: as for `Pipeline`.
        engine: moves tasks to workers; not closed here.
        run: what does not change.
        recording: what the journal is told.
        stop: set when the run is aborted.
        draining: set when nothing more is pulled.
    """

    def __init__(
        self,
        source: Iterable[Any],
        engine: Engine,
        run: ClusterRun,
        recording: Recording,
        *,
        stop: StopToken,
        draining: StopToken,
    ) -> None:
        self._engine = engine
        self._stop = stop
        self._draining = draining
        self._causes: list[BaseException] = []
        self._results = ClosableQueue[Parcel](RESULTS_WAITING, producers=2, name="results")
        self._dropped: list[Parcel] = []
        self._stats = ClusterStats()
        self._stats.know(engine.workers())
        self._dispatcher = Dispatcher(
            engine, run, recording, results=self._results, stats=self._stats, on_crash=self._crashed
        )
        self._reader = SourceReader(source, self._dispatcher.intake, draining, self._causes.append)
        self._finished = False

    def __enter__(self) -> Self:
        """Start the threads."""
        self._dispatcher.start()
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End them; a failure that was not raised yet is raised."""
        if not self._finished:
            self.abort()
        for thread in (self._reader, self._dispatcher):
            while thread.is_alive():
                thread.join(JOIN_TICK_S)
        if error is None and self._causes:
            raise self._causes[0]

    def results(self, tick_s: float) -> Iterator[Parcel | None]:
        """Yield each parcel that has left the cluster, and None whenever `tick_s` seconds bring none.

        Raises:
            BaseException: what stopped the line, with its own type.
        """
        self._finished = yield from self._results.ticking(tick_s)
        if self._causes:
            raise self._causes[0]

    def drain(self) -> None:
        """Pull nothing more; finish what is in flight. Does not wait."""
        self._draining.set()

    def abort(self) -> None:
        """End as soon as workers have told what they have in hand. Does not wait."""
        self._draining.set()
        self._stop.set()
        self._dropped += self._results.abort()
        self._dispatcher.abort()

    @property
    def leftovers(self) -> list[Parcel]:
        """After the block: parcels that were never yielded, in the order they were pulled."""
        in_hand = [] if self._reader.in_hand is None else [self._reader.in_hand]
        by_sequence = {one.sequence: one for one in (*in_hand, *self._dropped, *self._dispatcher.left_over)}
        return [by_sequence[sequence] for sequence in sorted(by_sequence)]

    def is_finished(self, parcel: Parcel) -> bool:
        """True for a parcel that nobody has anything to do with any more."""
        return parcel.finished or parcel.done == STAGES

    def stats(self) -> LineStats:
        """What the cluster did so far."""
        room = max(1, self._dispatcher.intake.high_water)
        return LineStats((*self._stats.queues(room), self._results.stats()), self._stats.workers())

    @property
    def dashboard(self) -> str | None:
        """The address of the engine's own pages about the cluster, or None."""
        return self._engine.dashboard

    def record_spans(self, label: Callable[[Any], str] = lambda _payload: "") -> SpanRecorder:
        """Record when each worker was busy; to be called before the block is entered."""
        recorder = SpanRecorder(label)
        self._stats.recorders.append(recorder)
        return recorder

    def _crashed(self, error: BaseException) -> None:
        """Record first, abort second."""
        self._causes.append(error)
        self.abort()
