"""What ends a run before its sources do: so much time, so many photos or so many bytes."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from photopipe.pipeline import Finished
from photopipe.report import Account, found_photo_of
from photopipe.settings import LimitSettings
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

Limit = Literal["max_duration", "max_photos", "max_transfer"]


class RunLimits:
    """Ends a run when a limit is reached; photos that are on the line are finished.

    No photo is put on the line that could be one too many, so that `max_photos` is kept exactly. How large a
    rendition is is known when it is made, so that `max_transfer` is passed by what is on the line at the time.

    Args:
        settings: the limits.
        account: what the main thread has counted so far.
        draining: set when no more photos are wanted.
        wakeup: ends the wait of the source's thread; woken when `draining` is set.
        started_s: when the run began, on the monotonic clock [seconds].

    Attributes:
        reached: the limit that ended the run, or None.
        held_paths: photos that were found and not put on the line, at most one.
    """

    def __init__(
        self, settings: LimitSettings, account: Account, draining: StopToken, wakeup: Wakeup, *, started_s: float
    ) -> None:
        self._settings = settings
        self._account = account
        self._draining = draining
        self._wakeup = wakeup
        self._started_s = started_s
        self._entered = 0  # written by the source's thread only, as `_left` by the main thread
        self._left = 0
        self._found_all = False
        self.reached: Limit | None = None
        self.held_paths: list[str] = []

    def noting_end(self, findings: Iterable[Any]) -> Iterator[Any]:
        """The findings as they are; it is noted when there are no more."""
        yield from findings
        self._found_all = True

    def admit(self, payloads: Iterator[Any]) -> Iterator[Any]:
        """What may go on the line, in the source's thread; each photo waits until it cannot be one too many."""
        most = self._settings.max_photos
        if most is None:
            yield from payloads
            return
        for payload in payloads:
            if not isinstance(payload, Finished):
                self.held_paths = [found_photo_of(payload).path]
                if not self._wait_for_room(most):
                    return
                self.held_paths = []
                self._entered += 1
            yield payload

    def left_line(self) -> None:
        """Say, in the main thread, that a photo came off the line and was counted."""
        self._left += 1
        if self._settings.max_photos is not None:
            self._wakeup.wake()

    def check(self) -> None:
        """End the run if its time is up or enough was sent; called in the main thread, cheap enough for every event."""
        limits = self._settings
        if self._draining.is_set():
            return
        if limits.max_duration_s is not None and time.monotonic() - self._started_s >= limits.max_duration_s:
            self._reach("max_duration")
        elif limits.max_transfer_bytes is not None and self._account.uploaded_bytes >= limits.max_transfer_bytes:
            self._reach("max_transfer")

    def ended(self) -> None:
        """Say that the line has ended: if there was nothing more to do, no limit has ended it."""
        if self._found_all and not self._account.left_over:
            self.reached = None

    def _wait_for_room(self, most: int) -> bool:
        """Wait until one photo more cannot be too many; False if the run ends first."""
        has_waited = False
        while not self._draining.is_set():
            on_line = self._entered - self._left  # before `done`: a photo that ends between the two counts twice
            done = self._account.uploaded + self._account.would_upload
            if done >= most:
                self._reach("max_photos")
            elif on_line + done < most:
                if has_waited:
                    self._wakeup.wake()  # one that was meant for the sources may have been used up here
                return True
            else:
                has_waited = True
                self._wakeup.wait()
        return False

    def _reach(self, limit: Limit) -> None:
        self.reached = limit
        self._draining.set()
