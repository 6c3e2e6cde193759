"""How many uploads one gallery can take at the same time: more while it stays quick, half as many on overload.

Additive increase, multiplicative decrease, with a slow start (RFC 5681 section 3.1): until the
first overload each upload that ends in time raises the limit by one, afterwards each round does.
"""

from statistics import median
from typing import Final

FIRST_LIMIT: Final = 2
LATENCY_TOLERANCE: Final = 2.0
"""How many times its usual time an upload may take and still count as quick."""
LATENCY_SLACK_S: Final = 0.05
"""And how much longer in any case: an answer that takes milliseconds varies by more than its own time."""
BASELINE_GROWTH: Final = 1.01
"""Growth of the usual time per round, so that a gallery that has become slower for good is not held to its best."""


class ConcurrencyLimit:
    """How many uploads may run at the same time.

    Pure: times come in, a limit goes out. A round is as many uploads as are allowed at the same time,
    all of them started since the limit last changed; their median is compared with the lowest one so far.

    Args:
        ceiling: most uploads at the same time, 1 or more.

    Attributes:
        limit: uploads that may run at the same time now, 1 to `ceiling`.
    """

    def __init__(self, ceiling: int) -> None:
        self.limit = min(FIRST_LIMIT, ceiling)
        self._ceiling = ceiling
        self._starting = True
        self._changed_at = float("-inf")
        self._cut_at = float("-inf")
        self._baseline_s: float | None = None
        self._round: list[float] = []
        self._was_full = False

    def started(self, in_flight: int) -> None:
        """Note how many uploads run; a limit that is not reached is not raised."""
        self._was_full = self._was_full or in_flight >= self.limit

    def completed(self, started_at: float, now: float) -> None:
        """Note an upload the gallery took.

        Args:
            started_at: when it began [monotonic seconds].
            now: when the answer was there.
        """
        if started_at < self._changed_at:
            return
        self._round.append(now - started_at)
        if len(self._round) >= self.limit:
            self._end_round(now)

    def overloaded(self, started_at: float, now: float) -> None:
        """Halve the limit: the gallery has too much to do. Uploads from before the last cut do not count again."""
        if started_at < self._cut_at:
            return
        self._cut_at = now
        self._starting = False
        self._set(max(1, self.limit // 2), now)

    def _end_round(self, now: float) -> None:
        latency_s = median(self._round)
        self._round.clear()
        usual_s = latency_s if self._baseline_s is None else min(latency_s, self._baseline_s * BASELINE_GROWTH)
        self._baseline_s = usual_s
        if latency_s > LATENCY_TOLERANCE * usual_s + LATENCY_SLACK_S:
            self._starting = False
        elif self._was_full:
            self._set(min(self._ceiling, 2 * self.limit if self._starting else self.limit + 1), now)

    def _set(self, limit: int, now: float) -> None:
        if limit != self.limit:
            self.limit, self._changed_at = limit, now
        self._round.clear()
        self._was_full = False
