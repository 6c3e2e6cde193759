"""A file of which only so much can be read, for headers whose claims nobody has checked."""

import io
from typing import BinaryIO, Final

SEEK_BYTES: Final = 4096
"""What a seek counts as: the operating system and the buffers read at least a block wherever one reads."""


class LimitedFile(io.RawIOBase):
    """A file that seems to end once so many bytes of it have been read, wherever they are.

    Args:
        file: stays open; its position is moved.
        most_bytes: how much may be read in all.
    """

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file = file
        self._left = most_bytes

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place."""
        self._left = max(0, self._left - SEEK_BYTES)
        return self._file.seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; fewer, or none, at the end of the file or of what may be read."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        self._left -= len(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader hands over
        """As `read`, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
