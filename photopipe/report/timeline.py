"""When workers were busy and how many photos waited, in as many steps as a screen can show."""

from collections.abc import Callable
from typing import Final

STEPS: Final = 480
SHORTEST_STEP_S: Final = 0.02


class Timeline:
    """Lanes of busy workers and of waiting photos over the time of a run, in a fixed amount of memory.

    When the run becomes longer than the steps reach, two steps are made one, each twice as long.

    Args:
        started_s: when the run began, on the monotonic clock [seconds].

    Attributes:
        step_s: how long one step is.
    """

    def __init__(self, started_s: float) -> None:
        self.step_s = SHORTEST_STEP_S
        self._started_s = started_s
        self._busy_s: dict[str, list[float]] = {}
        self._failed: dict[str, list[float]] = {}
        self._depth: dict[str, list[float]] = {}

    def add_span(self, lane: str, started_s: float, ended_s: float, *, failed: bool = False) -> None:
        """Add that a worker was busy; of spans that overlap, each counts."""
        begin_s, end_s = (max(0.0, at_s - self._started_s) for at_s in (started_s, ended_s))
        self._reach(end_s)
        steps = self._busy_s.setdefault(lane, [0.0] * STEPS)
        first, last = self._step(begin_s), self._step(end_s)
        for step in range(first, last + 1):
            upper_s, lower_s = min(end_s, (step + 1) * self.step_s), max(begin_s, step * self.step_s)
            steps[step] += max(0.0, upper_s - lower_s)
        if failed:
            self._failed.setdefault(lane, [0.0] * STEPS)[last] = 1.0

    def add_depth(self, queue: str, at_s: float, depth: int) -> None:
        """Add how many photos waited at one moment; of several in one step, the largest counts."""
        at_s = max(0.0, at_s - self._started_s)
        self._reach(at_s)
        steps = self._depth.setdefault(queue, [-1.0] * STEPS)
        step = self._step(at_s)
        steps[step] = max(steps[step], depth)

    def busy(self, lane: str, ended_s: float) -> list[float]:
        """For each step until the run ended, the share of its time that a worker was busy, 0 to 1."""
        steps = self._busy_s.get(lane, [])[: self._used(ended_s)]
        return [min(1.0, busy_s / self.step_s) for busy_s in steps]

    def failed(self, lane: str, ended_s: float) -> list[int]:
        """The steps in which a worker failed on a photo."""
        steps = self._failed.get(lane, [])[: self._used(ended_s)]
        return [number for number, failed in enumerate(steps) if failed]

    def depths(self, queue: str, ended_s: float) -> list[float]:
        """For each step until the run ended, how many photos waited; where nobody looked, as many as before."""
        shown, depth = [], 0.0
        for found in self._depth.get(queue, [])[: self._used(ended_s)]:
            depth = found if found >= 0 else depth
            shown.append(depth)
        return shown

    def _used(self, ended_s: float) -> int:
        return self._step(max(0.0, ended_s - self._started_s)) + 1

    def _step(self, at_s: float) -> int:
        return min(STEPS - 1, int(at_s / self.step_s))

    def _reach(self, at_s: float) -> None:
        while at_s >= STEPS * self.step_s:
            self.step_s *= 2
            for lanes, joined in ((self._busy_s, _sum), (self._failed, max), (self._depth, max)):
                for steps in lanes.values():
                    _join_pairs(steps, joined, 0.0 if lanes is not self._depth else -1.0)


def _sum(one: float, other: float) -> float:
    return one + other


def _join_pairs(steps: list[float], joined: Callable[[float, float], float], empty: float) -> None:
    half = len(steps) // 2
    steps[:half] = [joined(steps[2 * at], steps[2 * at + 1]) for at in range(half)]
    steps[half:] = [empty] * (len(steps) - half)
