"""What is sent: a file between two pieces of text, read piece by piece."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from photopipe.errors import PhotoChanged
from photopipe.stop_token import NEVER, StopToken
from photopipe.upload.http.bandwidth import PIECE_BYTES, Bandwidth


class Body:
    """A request's body: `head`, then `size_bytes` of a file, then `tail`.

    Args:
        file: at its start.
        size_bytes: how much of it is sent.
        head: what comes before.
        tail: what comes after.
        check: called before the file's last piece leaves; raises if the file is no longer what it was, so that no
            gallery can take a whole request for a whole photo.
    """

    def __init__(
        self,
        file: BinaryIO,
        size_bytes: int,
        *,
        head: bytes = b"",
        tail: bytes = b"",
        check: Callable[[], None] | None = None,
    ) -> None:
        self._check = check
        self._file = file
        self._size_bytes = size_bytes
        self._ends = head, tail
        self._length = len(head) + size_bytes + len(tail)
        self._pieces = self._cut()
        self._bandwidth: Bandwidth | None = None
        self._stop: StopToken = NEVER

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def read(self, _size: int = -1) -> bytes:
        """The next piece, `b""` at the end; `_size` is only wished for."""
        return next(self._pieces, b"")

    def leave_by(self, bandwidth: Bandwidth, stop: StopToken) -> None:
        """Give out the file's bytes from now on only as fast as `bandwidth` lets them; wake when `stop` is set."""
        self._bandwidth, self._stop = bandwidth, stop

    def _cut(self) -> Iterator[bytes]:
        head, tail = self._ends
        if head:
            yield head
        left = self._size_bytes
        while left:
            piece = self._file.read(min(self._piece_bytes(), left))
            if not piece:
                raise PhotoChanged("cannot be uploaded: it became shorter while it was sent. Run again.")
            left -= len(piece)
            if not left and self._check is not None:
                self._check()
            if self._bandwidth is not None:
                self._bandwidth.take(len(piece), self._stop)
            yield piece
        if tail:
            yield tail

    def _piece_bytes(self) -> int:
        return PIECE_BYTES if self._bandwidth is None else self._bandwidth.piece_bytes
