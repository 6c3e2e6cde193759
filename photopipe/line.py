"""One run of the line, seen from outside: its events, and its account."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from photopipe.found_photo import FoundPhoto
from photopipe.photo import DeliveredPhoto, DownloadedPhoto, OtherFiles, RenderedPhoto, SetAsidePhoto, SkippedPhotos
from photopipe.pipeline import LineStats, Parcel, Pipeline, SpanRecorder
from photopipe.report import (
    Account,
    Event,
    FoundSoFar,
    LeftOver,
    Notice,
    deliveries,
    events,
    found_photo_of,
    is_left_over,
    was_tried,
)
from photopipe.resize.decoders.decoders import advice
from photopipe.run_limits import Limit, RunLimits
from photopipe.stages import FailedGalleries, LostSource, Sorting

if TYPE_CHECKING:
    from photopipe.cluster.driver.cluster_pipeline import ClusterPipeline


class Line:
    """One run, ready to go.

    Args:
        pipeline: not yet entered.
        account: `found` is counted by the source.
        galleries: name of each gallery in the journal.
        failed_galleries: those the run goes on without.
        sorting: the pipeline's source; told what has come to the end.
        limits: what ends the run before its sources do.
        lost_source: whether a source went away.
        record_end: called with the exit code when all is done; it may be that nothing is recorded.
        take_notices: gives what a person should know of the journal, each sentence once.
    """

    def __init__(
        self,
        pipeline: "Pipeline | ClusterPipeline",
        account: Account,
        *,
        galleries: Sequence[str],
        failed_galleries: FailedGalleries,
        sorting: Sorting,
        limits: RunLimits,
        lost_source: LostSource,
        record_end: Callable[[int], None],
        take_notices: Callable[[], Iterable[str]],
    ) -> None:
        self.account = account
        self.galleries = galleries
        self._failed_galleries = failed_galleries
        self._sorting = sorting
        self._limits = limits
        self._lost_source = lost_source
        self.record_end = record_end
        self._take_notices = take_notices
        self._pipeline = pipeline
        self._advice_given: set[str] = set()

    def run(self, tick_s: float, *, tells_skipped: bool) -> Iterator[Event | None]:
        """Run the line, keep the account, and yield what happens as it happens; None after each parcel.

        Args:
            tick_s: longest time without an event; then None is yielded [seconds].
            tells_skipped: whether there is an event for each photo that needs no work.

        Raises:
            LineError: what stopped the line, or ended one of several galleries; raised after all events.
        """
        stopped_by: Exception | None = None
        try:
            with self._pipeline as pipeline:
                for parcel in pipeline.results(tick_s):
                    yield from map(Notice, self._take_notices())
                    if parcel is not None:
                        yield from self._account_for(parcel, tells_skipped=tells_skipped)
                    self._limits.check()
                    yield None
        except Exception as error:  # noqa: BLE001 - raised again below, when the rest is accounted for
            stopped_by = error
        yield from map(Notice, self._take_notices())
        for parcel in self._pipeline.leftovers:
            if self._pipeline.is_finished(parcel):
                yield from self._account_for(parcel, tells_skipped=tells_skipped)
            else:
                self.account.leave_over()
                yield from deliveries(parcel)
                yield LeftOver(found_photo_of(parcel.payload).path)
        for path in (*self._sorting.waiting(), *self._limits.held_paths):
            self.account.leave_over()
            yield LeftOver(path)
        self._limits.ended()
        stopped_by = stopped_by or self._failed_galleries.first or self._lost_source.why
        if stopped_by is not None:
            raise stopped_by

    @property
    def stopped_by(self) -> Limit | None:
        """The limit that ends the run before its sources do, or None."""
        return self._limits.reached

    @property
    def dashboard(self) -> str | None:
        """The address of pages about the cluster that the run is on, or None."""
        return self._pipeline.dashboard

    def drain(self) -> None:
        """End the run after the photos that are on the line; does not wait."""
        self._pipeline.drain()

    def abort(self) -> None:
        """End the run at once; does not wait."""
        self._pipeline.abort()

    def record_spans(self) -> SpanRecorder:
        """Record when each worker is busy, with the paths of the photos; to be called before `run`."""
        return self._pipeline.record_spans(_path_of)

    def stats(self) -> LineStats:
        """What queues and workers have done so far."""
        return self._pipeline.stats()

    def found(self) -> FoundSoFar:
        """What the sources have found so far."""
        ahead, account = self._sorting.ahead, self.account
        settling = len(self._sorting.settling)
        return FoundSoFar(
            account.found + ahead.photos, account.found_bytes + ahead.size_bytes, ahead.is_all and not settling
        )

    def waiting(self) -> dict[str, int]:
        """How many photos wait in front of each stage and, if there are any, until they have settled."""
        *stages, _results = self._pipeline.stats().queues
        settling = {"until written": count} if (count := len(self._sorting.settling)) else {}
        return settling | {queue.name: queue.depth for queue in stages}

    def _account_for(self, parcel: Parcel, *, tells_skipped: bool) -> Iterator[Event]:
        self.account.add(parcel)
        if isinstance(parcel.payload, OtherFiles):
            yield from self._advice(parcel.payload)
        yield from events(parcel, tells_skipped=tells_skipped)
        self._tell_sorting(parcel)

    def _tell_sorting(self, parcel: Parcel) -> None:
        """Say that a photo is through, or comes again; what the source itself has finished was never on the line."""
        if isinstance(parcel.payload, SetAsidePhoto):
            if isinstance(parcel.payload.photo, FoundPhoto):
                self._sorting.left_line(parcel.payload.photo)
            self._limits.left_line()
        elif parcel.done or parcel.failed_at:
            photo, is_left = found_photo_of(parcel.payload), is_left_over(parcel)
            self._limits.left_line()
            self._sorting.ended(photo, was_tried=was_tried(parcel), is_left=is_left)
            if is_left:
                self._lost_source.leave_photo()

    def _advice(self, others: OtherFiles) -> Iterator[Notice]:
        """Say once what could be read if a decoder were installed."""
        for sentence in advice(extension for extension, _count in others.counts):
            if sentence not in self._advice_given:
                self._advice_given.add(sentence)
                yield Notice(sentence)


def _path_of(payload: object) -> str:
    is_photo = isinstance(payload, FoundPhoto | DownloadedPhoto | RenderedPhoto | DeliveredPhoto | SkippedPhotos)
    return found_photo_of(payload).path if is_photo else ""
