"""Counting signals; the main loop acts on the count."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

EXIT_AT_ONCE = 3


class SignalCount:
    """How often the run was told to end: once finishes what is on the line, twice drops it, three times exits at once.

    Attributes:
        received: number of signals so far.
        first: number of the first signal, or None.
    """

    def __init__(self) -> None:
        self.received = 0
        self.first: int | None = None

    @classmethod
    @contextmanager
    def counting(cls) -> Iterator["SignalCount"]:
        """Count SIGINT and SIGTERM inside the block.

        If one came, the command ends after the block: further signals are ignored, so that the exit code stays
        the one that was reported.
        """
        count = cls()
        before = {number: signal.signal(number, count.receive) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield count
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if count.received else handler)

    @classmethod
    @contextmanager
    def waking(cls) -> Iterator[tuple["SignalCount", "SignalStop"]]:
        """Count as `counting` does, and wake whoever waits for the first signal.

        The wake-up is written by the interpreter's own handler in C; ours in Python runs only when the
        main thread returns from what it is waiting for.
        """
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        before = signal.set_wakeup_fd(writer)
        try:
            with cls.counting() as count:
                yield count, SignalStop(reader, writer)
        finally:
            signal.set_wakeup_fd(before)
            os.close(reader)
            os.close(writer)

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Count one signal; the third ends the process."""
        self.received += 1
        self.first = self.first or number
        if self.received >= EXIT_AT_ONCE:
            os._exit(128 + number)  # the main thread may be the one that is stuck


class SignalStop:
    """Lets any thread wait for the first signal.

    A pipe, not a `threading.Event`: a handler may interrupt the very code that holds the event's lock.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer

    def wait(self) -> None:
        """Wait for the first signal, or for `set`."""
        os.read(self._reader, 1)

    def set(self) -> None:
        """End the wait without a signal."""
        os.write(self._writer, b"!")


class StatusRequests:
    """Whether a signal has asked how the run is getting on: SIGUSR1 and, where it exists, SIGINFO (Ctrl-T).

    Attributes:
        are_pending: whether one came and has not been answered; it may come before the run has started.
    """

    def __init__(self) -> None:
        self.are_pending = False

    def listen(self) -> None:
        """Take the signals from now on; by default they would end the process."""
        for name in ("SIGUSR1", "SIGINFO"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._receive)

    def answered(self) -> None:
        """Wait for the next one; to be called before the answer, so that none is lost meanwhile."""
        self.are_pending = False

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.are_pending = True


STATUS_REQUESTS: Final = StatusRequests()
"""Signals belong to the process, and so does what they ask for."""
