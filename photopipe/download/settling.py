"""Files that may still be being written wait here until they have settled."""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Final, Protocol

from photopipe.download.file_systems.mounts import is_network, mount_of
from photopipe.errors import DownloadError, PhotoVanished
from photopipe.found_photo import FoundPhoto, LocalFiles

ABANDONED_AFTER: Final = 5
"""A file that lacks its format's end and has not grown for so many settle times is taken as it is: it is damaged."""
MOST_WAITING: Final = 10_000
"""Files that may wait at the same time; a source that finds more has to wait."""
MOST_READS: Final = 3
"""How often a file is read that changes while it is read."""


OLD_S: Final = 3600.0
"""A file that has not changed for so long is not looked at any further."""
SETTLE_S: Final = 2.0
NETWORK_SETTLE_S: Final = 10.0
"""A share shows a writer's progress late and in large steps."""


def settle_time(settle_s: float | None) -> Callable[[FoundPhoto], float]:
    """How long a photo must have been unchanged.

    Args:
        settle_s: for all photos [s]; None to choose by the file system each is on.
    """
    by_device: dict[int, float] = {}

    def chosen_s(photo: FoundPhoto) -> float:
        if settle_s is not None:
            return settle_s
        if photo.device not in by_device:
            kind = mount_of(photo.path).kind
            by_device[photo.device] = NETWORK_SETTLE_S if is_network(kind) else SETTLE_S
        return by_device[photo.device]

    return chosen_s


class Clock(Protocol):
    """The two clocks of the module `time`."""

    def time_ns(self) -> int:
        """Time of day, by which files are dated [nanoseconds since 1970]."""

    def monotonic(self) -> float:
        """Time that nobody sets [s]."""


@dataclass(slots=True)
class _Waiting:
    """A photo that waits.

    Attributes:
        photo: with its companions, as it looked last.
        settle_s: its settle time.
        quiet_since_s: when it was first seen like this, by the monotonic clock.
        lacks_its_end: whether it was found, looking like this, to be incomplete.
    """

    photo: FoundPhoto
    settle_s: float
    quiet_since_s: float
    lacks_its_end: bool = False


@dataclass(slots=True)
class Settling:
    """Photos that changed a short while ago, until each has been unchanged for long enough and is complete.

    A photo has settled when its file and those of its companions have kept size and dates for the settle time, and
    the file has the end that its format asks for. Photos that changed longer ago than that do not wait. What is not
    a file of this machine or of a mounted share is complete when it is found.

    Only `put_back` and `forget` may be called from other threads than the source's.

    Attributes:
        settle_s: how long a photo must have been unchanged; 0 lets everything through.
        clock: for tests.
    """

    settle_s: Callable[[FoundPhoto], float] = lambda _photo: 0.0
    clock: Clock = time
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _looks: list[tuple[float, int, _Waiting]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)
    _lock: Lock = field(default_factory=Lock)
    _reads: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        """How many photos wait."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """True if the source must wait before it finds more."""
        return len(self._waiting) >= MOST_WAITING

    def admit(self, photo: FoundPhoto) -> bool:
        """True if a photo that was just found has settled; otherwise it waits here, in place of an earlier finding."""
        age_s = (self.clock.time_ns() - _last_change_ns(photo)) / 1e9
        is_old = age_s >= OLD_S or not isinstance(photo.storage, LocalFiles)
        settle_s = 0.0 if is_old else self.settle_s(photo)
        if is_old or age_s >= ABANDONED_AFTER * settle_s:
            with self._lock:
                self._waiting.pop(photo.path, None)
            return True
        now_s = self.clock.monotonic()
        quiet_since_s = now_s - max(age_s, 0.0)  # a date in the future counts as now
        self._wait(_Waiting(photo, settle_s, quiet_since_s), quiet_since_s + settle_s)
        return False

    def put_back(self, photo: FoundPhoto) -> bool:
        """Let a photo wait that changed while it was read.

        Returns:
            False if it was read too often; then it does not wait.
        """
        with self._lock:
            self._reads[photo.path] += 1
            if self._reads[photo.path] >= MOST_READS:
                return False
        self._wait_anew(photo, self.settle_s(photo))
        return True

    def was_read(self, photo: FoundPhoto) -> bool:
        """True for a photo that was put back."""
        return photo.path in self._reads

    def put_back_waiting(self) -> list[str]:
        """Paths of those photos that wait because they were put back."""
        with self._lock:
            return [path for path in self._waiting if path in self._reads]

    def forget(self, photo: FoundPhoto) -> None:
        """Say that the run has done with a photo."""
        with self._lock:
            self._reads.pop(photo.path, None)

    def settled(self) -> Iterator[FoundPhoto]:
        """Yield the photos that have settled by now, as they look now; look at those whose time has come."""
        for waiting in self._due():
            try:
                again = _found_again(waiting.photo)
            except DownloadError as error:
                if self.was_read(waiting.photo) or not isinstance(error, PhotoVanished):
                    yield waiting.photo  # the download says what is wrong with it
                continue  # its writer gave it another name, or gave up
            if again != waiting.photo and waiting.settle_s:
                self._wait_anew(again, waiting.settle_s)
            elif self._is_to_be_taken(waiting):
                yield again
            else:
                self._wait(waiting, self.clock.monotonic() + waiting.settle_s)

    def next_look_s(self) -> float | None:
        """Seconds until the next photo is to be looked at; None if none waits."""
        with self._lock:
            return max(0.0, self._looks[0][0] - self.clock.monotonic()) if self._waiting else None

    def _is_to_be_taken(self, waiting: _Waiting) -> bool:
        """True if a photo that looks as it did is complete, or will never be."""
        if not waiting.lacks_its_end:
            from photopipe.download.file_end import is_complete

            waiting.lacks_its_end = waiting.settle_s > 0 and not is_complete(waiting.photo)
        quiet_s = self.clock.monotonic() - waiting.quiet_since_s
        return not waiting.lacks_its_end or quiet_s >= ABANDONED_AFTER * waiting.settle_s

    def _wait_anew(self, photo: FoundPhoto, settle_s: float) -> None:
        now_s = self.clock.monotonic()
        self._wait(_Waiting(photo, settle_s, now_s), now_s + settle_s)

    def _wait(self, waiting: _Waiting, look_at_s: float) -> None:
        with self._lock:
            self._waiting[waiting.photo.path] = waiting
            heapq.heappush(self._looks, (look_at_s, next(self._number), waiting))

    def _due(self) -> Iterator[_Waiting]:
        now_s = self.clock.monotonic()
        while True:
            with self._lock:
                if not self._looks or self._looks[0][0] > now_s:
                    return
                _, _, waiting = heapq.heappop(self._looks)
                if self._waiting.get(waiting.photo.path) is not waiting:
                    continue  # it was found anew since
                del self._waiting[waiting.photo.path]
            yield waiting


def _last_change_ns(photo: FoundPhoto) -> int:
    """When a photo or one of its companions changed last; a copy may have the original's mtime, but not its ctime."""
    return max(max(one.mtime_ns, one.ctime_ns) for one in (photo, *photo.companions))


def _found_again(photo: FoundPhoto) -> FoundPhoto:
    """The photo and its companions as they are now; a companion that is gone is none any more."""
    companions = []
    for companion in photo.companions:
        try:
            companions.append(companion.found_again())
        except PhotoVanished:
            continue
    return photo.found_again()._replace(companions=tuple(companions))
