"""The state of a run at one moment, with rates and the time that is left: what all status displays show."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from photopipe.pipeline import LineStats
from photopipe.report.account import Account
from photopipe.report.run_listener import FoundSoFar, RunListener, RunView

SMOOTHING_S: Final = 20.0
"""What happened longer ago hardly counts for a rate."""
SAMPLE_EVERY_S: Final = 0.5
MEASURED_AFTER_S: Final = 2.0
"""Before that, a time that is left would be a guess."""


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage at one moment.

    Attributes:
        name: of the stage.
        done: photos it has worked on.
        in_work: photos its workers have in hand.
        waiting: photos in front of it.
        per_s: photos it finishes in a second, or None before that is known.
    """

    name: str
    done: int
    in_work: int
    waiting: int
    per_s: float | None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run at one moment.

    Attributes:
        found: what the sources have found.
        account: the totals so far.
        stages: in the order photos travel.
        settling: files that may still be being written.
        per_s: photos whose end becomes known in a second, without those that need no work; None if unknown.
        bytes_per_s: likewise, their size as the camera wrote them.
        left_s: time until everything is done; None while sources are still finding, and before a rate is known.
    """

    found: FoundSoFar
    account: Account
    stages: tuple[StageStatus, ...]
    settling: int
    per_s: float | None
    bytes_per_s: float | None
    left_s: float | None

    @property
    def left(self) -> int:
        """Photos whose end is not known yet."""
        return max(0, self.found.photos - self.account.finished)


@dataclass(slots=True)
class Rate:
    """How fast a number grows: a mean in which a second counts less the longer ago it was."""

    _total: float = 0.0
    _mean: float = 0.0
    _weight: float = 0.0

    def add(self, total: float, seconds: float) -> None:
        """Take in the number as it is now, `seconds` after the last time."""
        share = 1 - math.exp(-seconds / SMOOTHING_S)
        self._mean += share * ((total - self._total) / seconds - self._mean)
        self._weight += share * (1 - self._weight)
        self._total = total

    @property
    def per_s(self) -> float | None:
        """Growth in a second; None before anything was taken in."""
        return self._mean / self._weight if self._weight else None


@dataclass(slots=True)
class RunMeter(RunListener):
    """Measures a run while it goes on; the others ask it for the status."""

    _run: RunView | None = None
    _started_s: float = 0.0
    _sampled_s: float = 0.0
    _photos: Rate = field(default_factory=Rate)
    _bytes: Rate = field(default_factory=Rate)
    _stages: dict[str, Rate] = field(default_factory=dict)

    def started(self, run: RunView) -> None:
        """Measure this run."""
        self._run = run
        self._started_s = self._sampled_s = time.monotonic()

    def tick(self) -> None:
        """Take a sample if it is time; cheap enough to call after every photo."""
        seconds = time.monotonic() - self._sampled_s
        if self._run is None or seconds < SAMPLE_EVERY_S:
            return
        self._sampled_s += seconds
        self._bytes.add(self._run.account.done_bytes, seconds)
        self._photos.add(_worked_on(self._run.account), seconds)
        for name, done in _done(self._run.stats()).items():
            self._stages.setdefault(name, Rate()).add(done, seconds)

    def status(self) -> RunStatus | None:
        """The run as it is now; None if it has not started."""
        if self._run is None:
            return None
        found, account = self._run.found(), self._run.account
        return RunStatus(
            found,
            account,
            tuple(self._stage_statuses(self._run.stats())),
            self._run.waiting().get("until written", 0),
            self._photos.per_s,
            self._bytes.per_s,
            self._left_s(found, account),
        )

    def _left_s(self, found: FoundSoFar, account: Account) -> float | None:
        per_s = self._bytes.per_s
        if not found.is_all or not per_s or time.monotonic() - self._started_s < MEASURED_AFTER_S:
            return None
        return max(0, found.size_bytes - account.done_bytes) / per_s

    def _stage_statuses(self, stats: LineStats) -> Iterator[StageStatus]:
        done = _done(stats)
        for queue in stats.queues:
            if queue.name in done:  # behind the last stage are the results
                in_work = sum(worker.is_busy for worker in stats.workers if worker.stage == queue.name)
                per_s = self._stages.get(queue.name, Rate()).per_s
                yield StageStatus(queue.name, done[queue.name], in_work, queue.depth, per_s)


def _done(stats: LineStats) -> Counter[str]:
    """How many photos each stage has worked on."""
    done = Counter[str]()
    for worker in stats.workers:
        done[worker.stage] += worker.parcels
    return done


def _worked_on(account: Account) -> int:
    """Photos that are through, but for those that were recognised without being opened."""
    at_once = sum(account.skipped[reason] for reason in ("unchanged", "quarantined", "paired"))
    return account.finished - at_once
