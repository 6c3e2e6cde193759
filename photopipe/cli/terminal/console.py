"""The two streams of a command: data on stdout, messages on stderr."""

import io
import os
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Messages(Protocol):
    """Where records and messages go: the streams of the command, or a log."""

    def data(self, line: str) -> None:
        """Write one record."""

    def message(self, line: str) -> None:
        """Write one message."""


class Console:
    """Prints, in the main thread only; `guard_streams` has made sure that printing never fails."""

    def __init__(self) -> None:
        self._clear: Callable[[], None] = lambda: None

    @property
    def shows_progress(self) -> bool:
        """True if stderr is a terminal that can redraw a line."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def clear_with(self, clear: Callable[[], None]) -> None:
        """Call `clear` before each line, so that a progress line does not get mixed up with it."""
        self._clear = clear

    def data(self, line: str) -> None:
        """Write one record to stdout, at once."""
        if sys.stdout.isatty():
            self._clear()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def message(self, line: str) -> None:
        """Write one line to stderr."""
        self._clear()
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class GuardedOutput(io.RawIOBase):
    """An output whose writes never fail: the first problem is kept, and everything after it is dropped.

    A full disk or a closed stream must not stop the uploads. A reader that has closed its pipe (`| head`) is not
    even a problem.

    Args:
        descriptor: an open file; it is never closed.

    Attributes:
        problem: why something could not be written, or None.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.problem: str | None = None
        self._descriptor = descriptor
        self._is_ended = False

    def writable(self) -> bool:
        """True; `io.BufferedWriter` asks."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """True if it is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, and return how many bytes have been written or dropped."""
        if self._is_ended:
            return memoryview(data).nbytes
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # a terminal that another program has set to non-blocking
            select.select([], [self._descriptor], [])
            return 0
        except BrokenPipeError:
            self._is_ended = True
        except OSError as error:
            self._is_ended = True
            self.problem = error.strerror
        return memoryview(data).nbytes


def guard_streams() -> None:
    """Make stdout and stderr streams that never raise, even if the command was started with one of them closed.

    A closed stream is replaced by `/dev/null` opened for reading: writing to it fails as before, but no other file
    gets its number. What an encoding cannot express is written as an escape.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stdout = _guarded(1, sys.stdout)
    sys.stderr = _guarded(2, sys.stderr)


def output_problem() -> str | None:
    """Why something could not be written to stdout, or None."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.problem if isinstance(raw, GuardedOutput) else None


def _guarded(descriptor: int, stream: TextIO | None) -> io.TextIOWrapper:
    output = GuardedOutput(descriptor)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    is_line_buffered = descriptor == 2 or output.isatty()
    return io.TextIOWrapper(io.BufferedWriter(output), encoding, "backslashreplace", line_buffering=is_line_buffered)
