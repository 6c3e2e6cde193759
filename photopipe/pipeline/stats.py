"""What the line did, counted under locks that are held anyway."""

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueStats:
    """One queue at one moment.

    Attributes:
        name: the stage it feeds.
        maxsize: room, 0 for no bound.
        depth: items waiting now.
        high_water: most items that ever waited.
        put_count: items accepted.
        get_count: items taken.
        dropped_count: items returned by `abort()`.
        put_wait_s: time all putters waited for room.
        get_wait_s: time all getters waited for an item.
    """

    name: str
    maxsize: int
    depth: int
    high_water: int
    put_count: int
    get_count: int
    dropped_count: int
    put_wait_s: float
    get_wait_s: float


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """One worker at one moment; written by its own thread only.

    Attributes:
        name: `resize-2`.
        stage: `resize`.
        parcels: parcels it worked on; those that only passed through are not counted.
        failures: how many of them failed.
        busy_s: time inside the stage's function.
        is_busy: whether it works on one now.
    """

    name: str
    stage: str
    parcels: int
    failures: int
    busy_s: float
    is_busy: bool


@dataclass(frozen=True, slots=True)
class LineStats:
    """The whole line at one moment.

    Attributes:
        queues: one for each stage, in the order parcels travel, then the results.
        workers: one for each worker, in the order of the stages.
    """

    queues: tuple[QueueStats, ...]
    workers: tuple[WorkerStats, ...]

    @property
    def bottleneck(self) -> str | None:
        """Name of the stage whose workers were busy the most; None before anything was done."""
        busy_s, workers = defaultdict[str, float](float), defaultdict[str, int](int)
        for worker in self.workers:
            busy_s[worker.stage] += worker.busy_s
            workers[worker.stage] += 1
        shares = {stage: busy_s[stage] / workers[stage] for stage in busy_s}
        return max(shares, key=shares.__getitem__) if any(shares.values()) else None
