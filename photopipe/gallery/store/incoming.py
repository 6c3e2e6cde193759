"""The folder where bytes arrive before they have a name: nobody looks for photos in it."""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Final

from photopipe.files.durable_folder import ensure_folder
from photopipe.files.picture_type import HEAD_BYTES
from photopipe.gallery.store.index import state_folder
from photopipe.gallery.store.refusal import Refusal

_CHUNK_BYTES: Final = 1 << 20
_LEFTOVER_AGE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A complete file on the disk that has no name yet.

    Attributes:
        path: where it is for now.
        sha256: hash of its content, hexadecimal.
        size_bytes: its length.
        head: its first bytes, to see what it is.
    """

    path: str
    sha256: str
    size_bytes: int
    head: bytes


class Incoming:
    """Takes bytes in, and tidies up after processes that died while they did.

    Each file is locked as long as its process works on it, so that a leftover can be told from a
    file that is being written by a gallery which is still ending.
    """

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(state_folder(folder), "incoming")
        ensure_folder(self.path)

    @contextmanager
    def receive(self, stream: IO[bytes], max_bytes: int) -> Iterator[ArrivedFile]:
        """Copy a stream to a new file, on the disk when the block is entered, gone when it is left.

        Raises:
            Refusal: there are more than `max_bytes`.
            OSError: it cannot be written.
        """
        descriptor, path = self._new_file()
        try:
            with os.fdopen(descriptor, "wb") as file:
                arrived = _copy(stream, file, path, max_bytes)
                yield arrived
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)

    def remove_leftovers(self) -> None:
        """Remove what dead processes left behind."""
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):
                        _remove_if_left_over(entry.path)

    def _new_file(self) -> tuple[int, str]:
        while True:
            path = os.path.join(self.path, f"{secrets.token_hex(8)}.part")
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
            # Somebody tidying up may have come in between: then take another.
            if _lock(descriptor) is not False and os.fstat(descriptor).st_nlink:
                return descriptor, path
            os.close(descriptor)


def _copy(stream: IO[bytes], file: IO[bytes], path: str, max_bytes: int) -> ArrivedFile:
    sha256 = hashlib.sha256()
    size_bytes, head = 0, b""
    while chunk := stream.read(_CHUNK_BYTES):
        size_bytes += len(chunk)
        if size_bytes > max_bytes:
            raise Refusal(413, f"the photo is larger than {max_bytes // 1_000_000} MB", "too_large")
        head = head or chunk[:HEAD_BYTES]
        sha256.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return ArrivedFile(path, sha256.hexdigest(), size_bytes, head)


def _lock(descriptor: int) -> bool | None:
    """True if the file is ours now, False if it is somebody's, None if this disk knows no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _remove_if_left_over(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        ours = _lock(descriptor)
        if ours is None:
            ours = time.time() - os.fstat(descriptor).st_mtime > _LEFTOVER_AGE_S
        if ours:
            os.unlink(path)
    finally:
        os.close(descriptor)
