"""The folder for files that are still arriving and have no name yet."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from photopipe.files.kinds import HEAD_BYTES
from photopipe.files.placing import TemporaryFile, ensure_folder, left_over_files, sweep
from photopipe.gallery.index.index import state_folder
from photopipe.gallery.store.request_refused import RequestRefused

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A complete file on the disk that still has a temporary name.

    Attributes:
        path: its temporary name.
        sha256: hash of its content, hexadecimal.
        size_bytes: its length.
        head: its first bytes, to see what it is.
    """

    path: str
    sha256: str
    size_bytes: int
    head: bytes


class Incoming:
    """Receives files, and clears away what processes left behind that were killed meanwhile."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(state_folder(folder), "incoming")
        ensure_folder(self.path)

    @contextmanager
    def receive(self, stream: IO[bytes], max_bytes: int) -> Iterator[ArrivedFile]:
        """Copy a stream to a new file, on the disk when the block is entered, gone when it is left.

        Raises:
            RequestRefused: there are more than `max_bytes`.
            OSError: it cannot be written.
        """
        with TemporaryFile.open(os.path.join(self.path, "photo")) as temporary:
            arrived = _copy(stream, temporary, max_bytes)
            temporary.finish()
            yield arrived

    def remove_leftovers(self) -> None:
        """Remove the files of processes that were killed."""
        sweep(self.path, has_nothing_else=True)

    @staticmethod
    def leftovers(folder: str) -> Iterator[str]:
        """The same files of a gallery, absolute, without removing them."""
        return left_over_files(os.path.join(state_folder(folder), "incoming"), has_nothing_else=True)


def _copy(stream: IO[bytes], temporary: TemporaryFile, max_bytes: int) -> ArrivedFile:
    sha256 = hashlib.sha256()
    size_bytes, head = 0, b""
    while chunk := stream.read(_CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise RequestRefused(413, f"the photo is larger than {max_bytes // 1_000_000} MB", "too_large")
        head = head or chunk[:HEAD_BYTES]
        sha256.update(chunk)
        temporary.write(chunk)
    return ArrivedFile(temporary.path, sha256.hexdigest(), size_bytes, head)
