"""The thread that ends the source's wait when a watched folder has something to tell, or a time has come."""

import os
import select
import time
from collections.abc import Sequence
from threading import Lock, Thread
from typing import NamedTuple

from photopipe.wakeup import Wakeup


class _Setting(NamedTuple):
    descriptors: tuple[int, ...]
    at_s: float


class Alarm:
    """Wakes the source's thread once after each time it is set.

    While it waits it uses no CPU.

    Args:
        wakeup: what the source's thread waits for.
    """

    def __init__(self, wakeup: Wakeup) -> None:
        self._wakeup = wakeup
        self._lock = Lock()
        self._setting: _Setting | None = None
        self._is_closing = False
        self._reader, self._writer = os.pipe()
        self._thread = Thread(target=self._run, name="watch-alarm")
        self._thread.start()

    def set(self, descriptors: Sequence[int], at_s: float) -> None:
        """Wake as soon as a file descriptor is readable, or at a time of the monotonic clock; forget what was set."""
        setting = _Setting(tuple(descriptors), at_s)
        with self._lock:
            is_new = setting != self._setting
            self._setting = setting
        if is_new:
            os.write(self._writer, b"!")

    def close(self) -> None:
        """End the thread."""
        self._is_closing = True
        os.write(self._writer, b"!")
        self._thread.join()
        os.close(self._reader)
        os.close(self._writer)

    def _run(self) -> None:
        while not self._is_closing:
            setting = self._setting
            if self._is_set_anew(setting):
                os.read(self._reader, 4096)
                continue
            with self._lock:
                self._setting = None if self._setting is setting else self._setting
            self._wakeup.wake()

    def _is_set_anew(self, setting: _Setting | None) -> bool:
        """Wait for what was set; True if it was set anew first."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        for descriptor in setting.descriptors if setting else ():
            poll.register(descriptor, select.POLLIN)
        wait_ms = max(0.0, setting.at_s - time.monotonic()) * 1000 if setting else None
        return any(descriptor == self._reader for descriptor, _ in poll.poll(wait_ms))
