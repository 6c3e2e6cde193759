"""A file that lines are appended to, and that is renamed before it becomes too large."""

import errno
import fcntl
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from typing import Final

from photopipe.errors import UsageError
from photopipe.files.characters import printable

LARGEST_BYTES: Final = 10_000_000
KEPT_FILES: Final = 5


class LogFile(RotatingFileHandler):
    """A log that several processes may write to, and that may be renamed or removed by others, such as logrotate.

    Each line is appended with one write. A line that cannot be written is lost; the first time that is said.

    Args:
        path: the file; older ones are called `path.1` to `path.5`.
        say: told once why a line could not be written.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, path: str, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._has_said = False
        try:
            super().__init__(path, "a", LARGEST_BYTES, KEPT_FILES, "utf-8", errors="backslashreplace")
        except OSError as error:
            raise UsageError(f"--log-file {printable(path)} cannot be written: {error.strerror}") from error

    def write(self, line: str) -> None:
        """Append a line; never fails."""
        self.handle(logging.makeLogRecord({"msg": line}))

    def emit(self, record: logging.LogRecord) -> None:
        """Append what the record says to the file that has the name now."""
        try:
            self._reopen_if_renamed()
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def doRollover(self) -> None:  # noqa: N802 - the name that the standard library calls
        """Rename the files, unless another process has just done so."""
        lock = os.dup(self._descriptor())  # holds the lock while the file is closed and renamed
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_renamed():
                super().doRollover()
        except OSError as error:
            self.maxBytes = 0  # it grows: that is better than a log that ends here
            self._say(f"The log {printable(self._path)} cannot be renamed, and grows: {error.strerror}.")
        finally:
            os.close(lock)
        self._reopen_if_renamed()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - called by the standard library
        """Say once, inside an `except`, that the log is incomplete."""
        if self._has_said:
            return
        self._has_said = True
        error = sys.exception()
        why = getattr(error, "strerror", None) or str(error)
        self._say(f"The log {printable(self._path)} cannot be written and is incomplete: {why}. The run goes on.")

    def close(self) -> None:
        """Close the file; what a full disk has kept from being written is lost."""
        with suppress(OSError):
            super().close()

    def _reopen_if_renamed(self) -> None:
        if self.stream is None or self._is_renamed():
            if self.stream is not None:
                with suppress(OSError):
                    self.stream.close()
            self.stream = None  # as the standard library leaves it if the file cannot be opened
            self.stream = self._open()

    def _is_renamed(self) -> bool:
        try:
            named = os.stat(self._path)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return True
            raise
        return not os.path.samestat(named, os.fstat(self._descriptor()))

    def _descriptor(self) -> int:
        if self.stream is None:
            self.stream = self._open()
        return self.stream.fileno()
