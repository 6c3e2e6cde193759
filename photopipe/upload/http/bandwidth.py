"""How many bytes a second may be sent, by time of day: one token bucket for all uploads of a run."""

import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from datetime import time as time_of_day
from typing import Final

from photopipe.errors import RunStopped, UsageError
from photopipe.stop_token import StopToken

UNITS: Final = {"B": 1, "k": 1024, "M": 1024**2, "G": 1024**3}
BURST_S: Final = 0.1
"""How many seconds' worth may be sent at once after a pause; also the longest wait between pieces of one upload."""
PIECE_BYTES: Final = 64 * 1024
"""Largest piece that is sent at once."""

Entry = tuple[time_of_day, float | None]


class Bandwidth:
    """A token bucket of bytes that fills as fast as the limit says and that all uploads of a run empty.

    Each piece is scheduled right behind the one before it, so workers take turns and nothing has to be
    measured afterwards.

    Args:
        limit: bytes a second as `2M`, `500k` or `off`, or by local time of day as `08:00,500k 23:00,off`
            (rclone's `--bwlimit`); None for no limit.
        clock: monotonic seconds.
        now: local time.

    Attributes:
        share: the part of the limit that may be used here; other processes use the rest.

    Raises:
        UsageError: the limit cannot be read.
    """

    def __init__(
        self,
        limit: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._timetable = parse_timetable(limit) if limit is not None else [(time_of_day.min, None)]
        self._starts = [start for start, _ in self._timetable]
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._free_at = float("-inf")
        self.share = 1.0

    @property
    def bytes_per_s(self) -> float | None:
        """What may be used of the limit at this time of day, or None."""
        entry = 0
        if len(self._timetable) > 1:
            entry = bisect_right(self._starts, self._now().time()) - 1  # -1: before the first, yesterday's last holds
        limit = self._timetable[entry][1]
        return None if limit is None else limit * self.share

    @property
    def piece_bytes(self) -> int:
        """How much should be sent at once, so that a slow upload flows evenly."""
        rate = self.bytes_per_s
        return PIECE_BYTES if rate is None else max(1, min(PIECE_BYTES, int(rate * BURST_S)))

    def take(self, size_bytes: int, stop: StopToken) -> None:
        """Wait until so many bytes may be sent.

        Args:
            size_bytes: at most `piece_bytes`.
            stop: set when the run is to end.

        Raises:
            RunStopped: the run ended meanwhile.
        """
        wait_s = self._reserve(size_bytes)
        if wait_s > 0 and stop.wait(wait_s):
            raise RunStopped("the run was stopped while a photo was uploaded")

    def _reserve(self, size_bytes: int) -> float:
        rate = self.bytes_per_s
        if rate is None:
            return 0.0
        with self._lock:
            now = self._clock()
            start = max(self._free_at, now - BURST_S)
            self._free_at = start + size_bytes / rate
            return self._free_at - now


def parse_timetable(text: str) -> list[Entry]:
    """A limit in rclone's spelling as times of day, in their order, each with bytes a second or None.

    Raises:
        UsageError: it cannot be read.
        Source: https://rclone.org/docs/ section --bwlimit; a number without a unit means kB there, and is
            refused here, because it is easily taken for bytes.
    """
    words = text.split()
    if len(words) == 1 and "," not in text:
        return [(time_of_day.min, _rate(words[0], text))]
    timetable = sorted((_entry(word, text) for word in words), key=lambda entry: entry[0])
    if not timetable or len({start for start, _ in timetable}) != len(timetable):
        raise _unreadable(text)
    return timetable


def _entry(word: str, text: str) -> Entry:
    start, _, rate = word.partition(",")
    try:
        return datetime.strptime(start, "%H:%M").time(), _rate(rate, text)
    except ValueError:
        raise _unreadable(text) from None


def _rate(word: str, text: str) -> float | None:
    if word == "off":
        return None
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([BkKMG])", word, re.ASCII)
    if match is None or float(match[1]) == 0:
        raise _unreadable(text)
    return float(match[1]) * UNITS[match[2].replace("K", "k")]


def _unreadable(text: str) -> UsageError:
    return UsageError(
        f"bandwidth limit {text!r}: give bytes a second as 2M, 500k or off, "
        'or a timetable as "08:00,500k 23:00,off" with each time once'
    )
