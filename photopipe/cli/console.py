"""The two streams of a command: data on stdout, talk on stderr."""

import os
import sys
from collections.abc import Callable


class Console:
    """Prints for the main thread.

    A reader that closes stdout has had enough; that never stops the uploads. Any other trouble with
    stdout is kept in `output_error`, because then the data is incomplete and the exit code must say so.

    Attributes:
        output_error: why data could not be written, or None.
    """

    def __init__(self) -> None:
        self.output_error: str | None = None
        self._is_open = True
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
        if not self._is_open:
            return
        if sys.stdout.isatty():
            self._clear()
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except OSError as error:
            self._close_output(None if isinstance(error, BrokenPipeError) else error.strerror)

    def talk(self, line: str) -> None:
        """Write one line to stderr."""
        self._clear()
        try:
            sys.stderr.write(line.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
            sys.stderr.flush()
        except OSError:
            return  # nobody can be told that nobody can be told

    def _close_output(self, problem: str | None) -> None:
        self._is_open = False
        self.output_error = problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or Python would complain about the buffer when it exits
        os.close(nowhere)
