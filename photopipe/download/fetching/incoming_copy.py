"""A copy of a photo while it is fetched: what its source writes into."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from photopipe.errors import DiskFull, DownloadError
from photopipe.stop_token import StopToken


class Room(Protocol):
    """The room that all copies share."""

    @property
    def stop(self) -> StopToken:
        """Ends every wait for it."""

    def take_room(self, size_bytes: int) -> None:
        """Wait until there is room, and take it."""

    def return_room(self, size_bytes: int) -> None:
        """Give back room that was taken."""


class IncomingCopy:
    """A copy that is being fetched; used by one thread.

    Args:
        path: of the file that is written.
        spool: gives room.
        unknown_bytes: room to take if the photo's length is never told.
    """

    def __init__(self, path: str, spool: Room, unknown_bytes: int) -> None:
        self.stop = spool.stop
        self.size_bytes = 0
        self.room_bytes = 0
        self._expected_bytes: int | None = None
        self._unknown_bytes = unknown_bytes
        self._spool = spool
        with disk_full_explained(path):
            # Unbuffered, so that a full disk is met by a write, never by closing.
            self._file = open(path, "xb", buffering=0, opener=_open_private)  # noqa: SIM115 - closed by the spool

    def expect(self, size_bytes: int) -> None:
        """Say how long the photo is, and wait until there is room for it. May be called again with the same length.

        Raises:
            DownloadError: it is larger than the whole spool.
            RunStopped: the run was stopped meanwhile.
        """
        if self.room_bytes != size_bytes:
            self._spool.return_room(self.room_bytes)
            self.room_bytes = 0
            self._spool.take_room(size_bytes)
            self.room_bytes = size_bytes
        self._expected_bytes = size_bytes

    def write(self, piece: bytes) -> None:
        """Write some more of it.

        Raises:
            DownloadError: that is more than was expected.
            DiskFull: there is no room on the disk.
        """
        if self.room_bytes == 0 and self._expected_bytes is None:
            self._spool.take_room(self._unknown_bytes)
            self.room_bytes = self._unknown_bytes
        if self.size_bytes + len(piece) > self.room_bytes:
            if self._expected_bytes is None:
                raise Outgrown
            raise DownloadError(f"is longer than the {self._expected_bytes:,} bytes its source has announced.")
        view = memoryview(piece)
        with disk_full_explained(self._file.name):
            while view:
                view = view[self._file.write(view) :]
        self.size_bytes += len(piece)

    @property
    def path(self) -> str:
        """Where the file is, for a library that writes it itself; `written` must be called then."""
        return str(self._file.name)

    def written(self) -> None:
        """Count what a library has written.

        Raises:
            DownloadError: that is more than was expected, or something else than a file.
        """
        status = os.fstat(self._file.fileno())
        if not os.path.samestat(status, os.lstat(self.path)):
            # A link, for instance, could lead to any file of this machine.
            raise DownloadError("did not come as a file. Look at it on its server.")
        self.size_bytes = status.st_size
        if self.size_bytes > self.room_bytes:
            raise DownloadError(f"is longer than the {self._expected_bytes:,} bytes its source has announced.")

    def restart(self) -> None:
        """Forget what was written."""
        self._file.seek(0)
        self._file.truncate()
        self.size_bytes = 0

    def finish(self) -> None:
        """Make sure that all of it was written, and return room that it did not need.

        Raises:
            DownloadError: it is shorter than was expected.
        """
        self.close()
        if self._expected_bytes not in {None, self.size_bytes}:
            raise DownloadError(
                f"was cut off: {self.size_bytes:,} of {self._expected_bytes:,} bytes came. Run again to fetch it."
            )
        self._spool.return_room(self.room_bytes - self.size_bytes)
        self.room_bytes = self.size_bytes

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Outgrown(Exception):
    """A photo of unknown length is longer than the room that was taken for it."""


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def disk_full_explained(path: str) -> Iterator[None]:
    """Say what it means if a file in the spool folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise DiskFull(
            f"{os.path.dirname(path)}: fetched photos cannot be written: {error.strerror}. "
            "Make room and run again; nothing is lost."
        ) from error
