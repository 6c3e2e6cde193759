"""Looking for photos where every look takes a while, in a thread of its own."""

from collections import deque
from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import Final

from photopipe.download.sources.source import Finding
from photopipe.errors import RunStopped
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

FINDINGS_WAITING: Final = 4
"""Findings that may wait; each is at most a page."""


def find_in_background(find: Callable[[StopToken], Iterator[Finding]], wakeup: Wakeup) -> Iterator[Finding | None]:
    """What `find` yields, and None while there is nothing yet.

    Args:
        find: runs in a thread of its own; whatever it waits for must end when the token it gets is set.
        wakeup: woken when there is something.
    """
    with _Finder(find, wakeup) as finder:
        while (findings := finder.take()) is not None:
            if findings:
                yield from findings
            else:
                yield None


class _Finder:
    def __init__(self, find: Callable[[StopToken], Iterator[Finding]], wakeup: Wakeup) -> None:
        self._find = find
        self._wakeup = wakeup
        self._closing = StopToken()
        self._changed = Condition()
        self._findings: deque[Finding] = deque()
        self._has_ended = False
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, name="finder")

    def __enter__(self) -> "_Finder":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join()

    def take(self) -> list[Finding] | None:
        """What was found since the last call; None at the end."""
        with self._changed:
            found = list(self._findings)
            self._findings.clear()
            self._changed.notify_all()
            if found or not self._has_ended:
                return found
        if self._error is not None:
            raise self._error
        return None

    def _run(self) -> None:
        try:
            for finding in self._find(self._closing):
                self._put(finding)
        except RunStopped:
            """The source was closed."""
        except Exception as error:  # noqa: BLE001 - raised again in the thread of the source
            self._error = error
        with self._changed:
            self._has_ended = True
        self._wakeup.wake()

    def _put(self, finding: Finding) -> None:
        with self._changed:
            while len(self._findings) >= FINDINGS_WAITING and not self._closing.is_set():
                self._changed.wait()
            self._findings.append(finding)
        self._wakeup.wake()
        if self._closing.is_set():
            raise RunStopped("no more photos are wanted")
