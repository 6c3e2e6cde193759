"""The names in a list that may still be growing, such as another program's output."""

import os
import select
from collections import deque
from collections.abc import Iterator
from threading import Condition, Thread
from types import TracebackType
from typing import Final

from photopipe.errors import SourceMissing, UsageError
from photopipe.files.characters import printable
from photopipe.wakeup import Wakeup

BLOCK_BYTES: Final = 65_536
NAMES_WAITING: Final = 2_000
"""Names that are read ahead; then the program that writes the list has to wait."""
LONGEST_NAME_BYTES: Final = 65_536
"""Far more than any path (4,096 on Linux) or address."""


class ListReader:
    """Reads names in a thread of its own, so that whoever takes them never waits.

    Use it as a `with` block, which ends the thread.

    Args:
        name: of the list, for messages.
        descriptor: what is read: a file, a pipe or a device. Not closed here.
        separator: what ends a name, one byte.
        wakeup: woken when there are names again, and at the end.
    """

    def __init__(self, name: str, descriptor: int, separator: bytes, wakeup: Wakeup) -> None:
        self._name = name
        self._descriptor = descriptor
        self._separator = separator
        self._wakeup = wakeup
        self._changed = Condition()
        self._names: deque[bytes] = deque()
        self._has_ended = False
        self._is_closed = False
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, name="list-reader")

    def __enter__(self) -> "ListReader":
        self._close_signal, self._close_wire = os.pipe()
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        os.close(self._close_wire)  # the other end becomes readable, which ends the thread's wait for the list
        self._thread.join()
        os.close(self._close_signal)

    def take(self, most: int) -> list[bytes] | None:
        """Up to `most` of the names that are there, never empty ones.

        Returns:
            An empty list if there are none at the moment; None when the list has ended.

        Raises:
            SourceMissing: the list could not be read to its end.
            UsageError: it is no list of names, or its names are separated in the other way.
        """
        with self._changed:
            names = [self._names.popleft() for _ in range(min(most, len(self._names)))]
            self._changed.notify_all()
            if names or not self._has_ended:
                return names
        if self._error is not None:
            raise self._error
        return None

    def _run(self) -> None:
        try:
            rest = b""
            for block in self._blocks():
                *names, rest = (rest + block).split(self._separator)
                self._put(names)
                self._check_length(rest)
            self._put([rest])  # text files may end without a line end
        except Exception as error:  # noqa: BLE001 - raised again in the thread that takes the names
            self._error = error
        with self._changed:
            self._has_ended = True
        self._wakeup.wake()

    def _blocks(self) -> Iterator[bytes]:
        """What can be read, as soon as it can; ends early when the reader is closed."""
        poll = select.poll()
        for descriptor in (self._descriptor, self._close_signal):
            poll.register(descriptor, select.POLLIN)
        while self._close_signal not in dict(poll.poll()):
            try:
                block = os.read(self._descriptor, BLOCK_BYTES)
            except BlockingIOError:  # somebody else has the other end of a shared pipe, and was faster
                continue
            except OSError as error:
                raise SourceMissing(f"{self._name}: the list cannot be read: {error.strerror}.") from error
            if not block:
                return
            yield block

    def _put(self, names: list[bytes]) -> None:
        waiting = [name for name in names if name]
        for name in waiting:
            self._check(name)
        start = 0
        with self._changed:
            while start < len(waiting) and not self._is_closed:
                room = NAMES_WAITING - len(self._names)
                self._names.extend(waiting[start : start + room])
                start += room
                self._wakeup.wake()
                while len(self._names) >= NAMES_WAITING and not self._is_closed:
                    self._changed.wait()

    def _check(self, name: bytes) -> None:
        self._check_length(name)
        if b"\0" in name:
            raise UsageError(f"{self._name}: the names are separated by zero bytes. Add --null (-0).")

    def _check_length(self, name: bytes) -> None:
        if len(name) > LONGEST_NAME_BYTES:
            is_null = self._separator == b"\0"
            hint = " Are its names separated by line ends? Then leave out --null (-0)." if is_null else ""
            beginning = printable(os.fsdecode(name[:40]))
            raise UsageError(f"{self._name}: is no list of names: one would begin with {beginning!r} and go on.{hint}")
