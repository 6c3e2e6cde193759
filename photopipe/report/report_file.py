"""A file about a run: complete at its place when the run has ended, or not there."""

import os
import stat
import tempfile
from contextlib import ExitStack, suppress
from typing import IO

from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.files.placing import TemporaryFile, left_over_files
from photopipe.report.run_listener import RunListener


class ReportFile:
    """A file that is written beside its place, and gets its name when all is in it.

    Writing never raises: a full disk loses the file, never the run.

    Args:
        path: its place; a link is followed, and a file that is there is replaced.
        option: the option it was named with, for messages.

    Attributes:
        path: where it will be, absolute and without links.
        problem: why it could not be written, or None.

    Raises:
        UsageError: nothing can be written there.
    """

    def __init__(self, path: str, option: str) -> None:
        self.path = os.path.realpath(path)
        self._named = path
        self._option = option
        self.problem: str | None = None
        self._stack = ExitStack()
        self._buffer = bytearray()
        try:
            self._mode = _mode_of(self.path)
            _remove_left_over(self.path)
            self._file = self._stack.enter_context(TemporaryFile.open(self.path))
        except OSError as error:
            raise self._refused(error) from error

    def write(self, data: bytes) -> None:
        """Add to the file; what follows a problem is dropped."""
        if self.problem is not None:
            return
        self._buffer += data
        if len(self._buffer) >= 1 << 16:
            self._flush()

    def place(self) -> None:
        """Give the file its name, once all of it is on the disk."""
        self._flush()
        if self.problem is not None:
            return
        try:
            self._file.finish()
            if self._mode is not None:
                os.chmod(self._file.path, self._mode)
            os.replace(self._file.path, self.path)
        except OSError as error:
            self.fail(error)

    def fail(self, error: OSError) -> None:
        """Say that it cannot be written."""
        self.problem = self.problem or error.strerror or str(error)

    def spool(self) -> IO[bytes]:
        """A file without a name on the same disk, for what is not yet in its place."""
        try:
            return self._stack.enter_context(tempfile.TemporaryFile(dir=os.path.dirname(self.path)))
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> None:
        """Remove what was not placed."""
        self._stack.close()

    @property
    def lost(self) -> str | None:
        """What is said if it could not be written."""
        if self.problem is None:
            return None
        return (
            f"photopipe: {self._option} {printable(self._named)}: could not be written: {self.problem}. It is lost; "
            "uploads are not affected."
        )

    def _flush(self) -> None:
        try:
            if self.problem is None:
                self._file.write(bytes(self._buffer))
        except OSError as error:
            self.fail(error)
        self._buffer.clear()

    def _refused(self, error: OSError) -> UsageError:
        return UsageError(
            f"{self._option} {self._named}: cannot be written: {error.strerror}. Name a file in another folder."
        )


class FileListener(RunListener):
    """A listener that writes a file; the file is placed when `ended` has written what is still missing.

    Args:
        path: where the file is to be.
        option: the option it was named with.

    Raises:
        UsageError: nothing can be written there.
    """

    def __init__(self, path: str, option: str = "--report") -> None:
        self.file = ReportFile(path, option)

    @property
    def lost(self) -> str | None:
        """What is said if the file could not be written."""
        return self.file.lost

    def close(self) -> None:
        """Remove what was not placed."""
        self.file.close()


def _remove_left_over(path: str) -> None:
    """Remove what runs that were killed have left of this very file."""
    folder, name = os.path.split(path)
    for left_over in left_over_files(folder):
        if os.path.basename(left_over).startswith(f".{name}.part-"):
            os.unlink(left_over)


def _mode_of(path: str) -> int | None:
    """The permissions of the file that is to be replaced, or None if there is none.

    Raises:
        OSError: it is something else than a file, or may not be written.
    """
    with suppress(FileNotFoundError):
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is not a plain file")
        if not os.access(path, os.W_OK):
            raise OSError(0, "it is write-protected")
        return stat.S_IMODE(found.st_mode)
    return None
