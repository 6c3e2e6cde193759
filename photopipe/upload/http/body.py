"""What is sent: a photo's file between two pieces of text, read piece by piece."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from photopipe.errors import PhotoChanged
from photopipe.found_photo import cannot_be_read
from photopipe.photo import ResizedPhoto
from photopipe.stop_token import NEVER, StopToken
from photopipe.upload.http.bandwidth import PIECE_BYTES, Bandwidth


class PhotoFile:
    """A photo's bytes while they are sent.

    What goes wrong with the file, such as a card that cannot be read, is this photo's failure and never the
    gallery's, so it must not look like a broken connection.

    Args:
        photo: whose bytes; opened here, and closed at the end of the `with` block.

    Raises:
        DownloadError: the file of an original is gone, is no longer what it was, or cannot be read.
    """

    def __init__(self, photo: ResizedPhoto) -> None:
        self._photo = photo
        self._file = photo.open()

    def __enter__(self) -> "PhotoFile":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size_bytes: int = -1) -> bytes:
        """The next bytes.

        Raises:
            DownloadError: they cannot be read.
        """
        try:
            return self._file.read(size_bytes)
        except OSError as error:
            raise cannot_be_read(error) from error

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another position in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The position in the file."""
        return self._file.tell()

    def check_unchanged(self) -> None:
        """Make sure that the file is still what was hashed.

        Raises:
            PhotoChanged: it is not.
        """
        self._photo.check_unchanged(self._file)


class Body:
    """A request's body: `head`, then `size_bytes` of a file, then `tail`.

    Before the file's last piece is sent, the file is compared with what was hashed, so that no gallery can take a
    whole request for a whole photo.

    Args:
        file: at its start.
        size_bytes: how much of it is sent.
        head: what comes before.
        tail: what comes after.
    """

    def __init__(self, file: PhotoFile, size_bytes: int, *, head: bytes = b"", tail: bytes = b"") -> None:
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
        """The next piece, `b""` at the end; its size is our own choice."""
        return next(self._pieces, b"")

    def limit_to(self, bandwidth: Bandwidth, stop: StopToken) -> None:
        """Give out the file's bytes from now on only as fast as `bandwidth` allows; wake when `stop` is set."""
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
            if not left:
                self._file.check_unchanged()
            if self._bandwidth is not None:
                self._bandwidth.take(len(piece), self._stop)
            yield piece
        if tail:
            yield tail

    def _piece_bytes(self) -> int:
        return PIECE_BYTES if self._bandwidth is None else self._bandwidth.piece_bytes


@contextmanager
def photo_body(photo: ResizedPhoto) -> Iterator[Body]:
    """The photo's bytes alone, as a body to be sent while the context is open.

    Raises:
        DownloadError: an original is no longer what it was, or cannot be read.
    """
    with PhotoFile(photo) as file:
        yield Body(file, photo.rendition.size_bytes)
