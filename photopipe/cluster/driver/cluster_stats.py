"""What the workers of a cluster did so far, in the terms of the line on threads: a lane for each of their threads."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from photopipe.cluster.driver.cluster_run import STAGES
from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.protocol.engine import WorkerState
from photopipe.cluster.protocol.messages import DeliveryReport, ReadReport
from photopipe.cluster.protocol.messages import Span as WorkSpan
from photopipe.pipeline import QueueStats, Span, SpanRecorder, WorkerStats


@dataclass(slots=True)
class _Lane:
    """What one thread of one worker did in one stage."""

    parcels: int = 0
    failures: int = 0
    busy_s: float = 0.0


@dataclass(slots=True)
class _Waiting:
    """Photos in front of a stage; `taken` counts those that went on."""

    depth: int = 0
    high_water: int = 0
    taken: int = 0


@dataclass(slots=True)
class ClusterStats:
    """Counts of one run; written by the driver's thread only.

    Attributes:
        recorders: who wants to know when each worker was busy.
    """

    recorders: list[SpanRecorder] = field(default_factory=list)
    _numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    _ahead_s: dict[str, float] = field(default_factory=dict)
    _lanes: dict[tuple[str, int], _Lane] = field(default_factory=dict)
    _waiting: dict[str, _Waiting] = field(default_factory=lambda: {stage: _Waiting() for stage in STAGES})
    _busy: int = 0

    def know(self, workers: Mapping[str, WorkerState]) -> None:
        """Give each thread of the workers a lane; those that join later share them, because lanes are drawn early."""
        for state in workers.values():
            self._ahead_s[state.process] = state.clock_ahead_s
        if self._numbers:
            return
        for state in workers.values():
            for thread in range(state.threads):
                self._numbers[state.process, thread] = len(self._numbers) + 1
        for stage in STAGES:
            self._lanes |= {(stage, number): _Lane() for number in self._numbers.values()}

    def count_read(self, photos: Sequence[InFlight], report: ReadReport) -> float:
        """Count what a task has read; returns how long it took [seconds]."""
        for photo, one in zip(photos, report.photos, strict=False):
            self._add(report, "download", one.span, photo, failed=one.error is not None)
        return sum(one.span.seconds for one in report.photos)

    def count_delivered(self, photos: Sequence[InFlight], report: DeliveryReport) -> float:
        """Count what a task has delivered; returns how long it took [seconds]."""
        for photo, end in zip(photos, report.photos, strict=False):
            self._add(report, "resize", end.resized, photo, failed=end.error is not None)
            if end.sent:
                failed = any(one.error is not None for one in end.sent)
                self._add(report, "upload", end.uploaded, photo, failed=failed)
        return sum(one.resized.seconds + one.uploaded.seconds for one in report.photos)

    def _add(
        self, report: ReadReport | DeliveryReport, stage: str, work: WorkSpan, photo: InFlight, *, failed: bool
    ) -> None:
        """Count what one thread did with one photo."""
        process, thread = report.process, report.thread
        number = self._numbers.setdefault((process, thread), len(self._numbers) % max(1, len(self._lanes) // 3) + 1)
        lane = self._lanes.setdefault((stage, number), _Lane())
        lane.parcels += 1
        lane.failures += failed
        lane.busy_s += work.seconds
        began_s = work.started_s - self._ahead_s.get(process, 0.0) - time.time() + time.monotonic()
        for recorder in self.recorders:
            label = photo.found.path
            name, sequence = f"{stage}-{number}", photo.parcel.sequence
            recorder.add(Span(name, stage, sequence, label, began_s, began_s + work.seconds, failed))

    def set_waiting(self, depths: Sequence[int], busy: int) -> None:
        """Note how many photos wait to be read and to be delivered, and how many tasks run."""
        self._busy = busy
        for stage, depth in zip(STAGES, depths, strict=False):
            waiting = self._waiting[stage]
            waiting.depth, waiting.high_water = depth, max(waiting.high_water, depth)

    def queues(self, room: int) -> tuple[QueueStats, ...]:
        """The photos in front of each stage, as queues."""
        return tuple(
            QueueStats(
                *(stage, room, one.depth, one.high_water),
                put_count=one.depth + self._done(stage),
                get_count=self._done(stage),
                dropped_count=0,
                put_wait_s=0.0,
                get_wait_s=0.0,
            )
            for stage, one in self._waiting.items()
        )

    def workers(self) -> tuple[WorkerStats, ...]:
        """The lanes, as workers."""
        return tuple(
            WorkerStats(f"{stage}-{number}", stage, lane.parcels, lane.failures, lane.busy_s, number <= self._busy)
            for (stage, number), lane in sorted(
                self._lanes.items(), key=lambda item: (STAGES.index(item[0][0]), item[0][1])
            )
        )

    def _done(self, stage: str) -> int:
        return sum(lane.parcels for (name, _), lane in self._lanes.items() if name == stage)
