"""The folder where fetched photos wait while the run needs them, and the limit of bytes that may wait there.

A photo that is to be fetched waits until there is room for all of it, first come, first served, and holds none
meanwhile. Room comes when photos further down the line are finished and released. Should nothing move for a while,
copies that nobody has open are removed, the longest unused first: they are fetched again if they are still needed. So
the wait ends even if photos that hold room cannot get on before the one that waits for it.
"""

import hashlib
import io
import os
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Final

from photopipe.download.fetching.incoming_copy import IncomingCopy, Outgrown, disk_full_explained
from photopipe.errors import DownloadError, RunStopped
from photopipe.found_photo import Identity
from photopipe.stop_token import NEVER, StopToken

PATIENCE_S: Final = 10.0
"""How long nothing may move before unused copies make room."""
UNKNOWN_BYTES: Final = 64_000_000
"""Room that is taken for a photo of unknown length. If it is longer, it is fetched again with all room there is."""
_OURS: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}\.(part|photo)")


class FetchedFile(io.BufferedReader):
    """An open copy of a fetched photo.

    Args:
        file: the copy.
        identity: what the source said about it when it was fetched.
        on_close: called once.
    """

    def __init__(self, file: io.FileIO, identity: Identity, on_close: Callable[[], None]) -> None:
        super().__init__(file)
        self.identity = identity
        self._on_close = on_close

    def close(self) -> None:
        """Close the file; its copy stays."""
        if not self.closed:
            super().close()
            self._on_close()


@dataclass(slots=True)
class _Copy:
    """A copy that is complete.

    Attributes:
        path: its file.
        identity: what its source said when it was fetched.
        size_bytes: its length.
        readers: how many have it open.
        is_released: True if the last of them is to remove it.
    """

    path: str
    identity: Identity
    size_bytes: int
    readers: int = 0
    is_released: bool = False


Fetch = Callable[[str, IncomingCopy], Identity]


class FetchSpool:
    """The copies of one run; safe to use from all threads.

    Args:
        folder: made when it is needed, for nobody else to read.
        limit_bytes: how many bytes may wait there.
        stop: ends every wait.
        patience_s: how long nothing may move before unused copies make room.
    """

    def __init__(
        self, folder: str, limit_bytes: int, stop: StopToken = NEVER, *, patience_s: float = PATIENCE_S
    ) -> None:
        self.stop = stop
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._patience_s = patience_s
        self._taken_bytes = 0
        self._changed = Condition()
        self._copies: OrderedDict[str, _Copy | None] = OrderedDict()
        self._waiting: deque[object] = deque()
        self._forget_stop = stop.on_set(self._wake_all)

    def open(self, path: str, fetch: Fetch) -> FetchedFile:
        """Open a photo's copy; the first to open it fetches it, others wait for that.

        Raises:
            DownloadError: it cannot be fetched.
            DiskFull: there is no room for it on the disk.
            RunStopped: the run was stopped meanwhile.
        """
        copy = self._used_copy(path)
        if copy is None:
            try:
                copy = self._fetched(path, fetch)
            except BaseException:
                self._set_copy(path, None)
                raise
            self._set_copy(path, copy)
        try:
            file = io.FileIO(copy.path)
        except OSError as error:
            self.release(path)
            self._closed(path, copy)
            raise DownloadError(f"its copy in {self._folder} is gone: {error.strerror}. Run again.") from error
        return FetchedFile(file, copy.identity, lambda: self._closed(path, copy))

    def release(self, path: str) -> None:
        """Remove the copy of a photo, if there is one, as soon as nobody has it open."""
        with self._changed:
            copy = self._copies.get(path)
            if copy is not None:
                copy.is_released = True
                self._remove_if_done(path, copy)

    def close(self) -> None:
        """Remove what is left, and the folder if nothing else is in it."""
        self._forget_stop()
        self.remove_leftovers()

    def remove_leftovers(self) -> None:
        """Remove what an earlier process has left; files that are not ours stay."""
        with suppress(OSError):
            for name in os.listdir(self._folder):
                if _OURS.fullmatch(name):
                    os.unlink(os.path.join(self._folder, name))
            os.rmdir(self._folder)

    def take_room(self, size_bytes: int) -> None:
        """Wait until there is room, and take it.

        Raises:
            DownloadError: there is never that much.
            RunStopped: the run was stopped meanwhile.
        """
        if size_bytes > self._limit_bytes:
            raise DownloadError(
                f"is larger ({size_bytes:,} bytes) than all copies together may be"
                f" ({self._limit_bytes:,} bytes). Raise --spool-bytes."
            )
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or self._taken_bytes + size_bytes > self._limit_bytes:
                    has_moved = self._wait()
                    if not has_moved and self._waiting[0] is ticket:
                        self._remove_unused(size_bytes)
                self._taken_bytes += size_bytes
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def return_room(self, size_bytes: int) -> None:
        """Give back room that was taken."""
        with self._changed:
            self._taken_bytes -= size_bytes
            self._changed.notify_all()

    def _used_copy(self, path: str) -> _Copy | None:
        """The copy if it is here, counted as open; None if the caller is to fetch it."""
        with self._changed:
            while path in self._copies:
                copy = self._copies[path]
                if copy is not None:
                    copy.readers += 1
                    copy.is_released = False
                    self._copies.move_to_end(path)
                    return copy
                self._wait()
            self._copies[path] = None
            return None

    def _set_copy(self, path: str, copy: _Copy | None) -> None:
        with self._changed:
            if copy is None:
                del self._copies[path]
            else:
                self._copies[path] = copy
            self._changed.notify_all()

    def _fetched(self, path: str, fetch: Fetch) -> _Copy:
        for unknown_bytes in (UNKNOWN_BYTES, self._limit_bytes):
            try:
                return self._fetched_once(path, fetch, min(unknown_bytes, self._limit_bytes))
            except Outgrown:
                continue
        raise DownloadError(
            f"is larger than all copies together may be ({self._limit_bytes:,} bytes). Raise --spool-bytes."
        )

    def _fetched_once(self, path: str, fetch: Fetch, unknown_bytes: int) -> _Copy:
        partial, whole = self._new_names(path)
        incoming = IncomingCopy(partial, self, unknown_bytes)
        try:
            identity = fetch(path, incoming)
            incoming.finish()
            os.rename(partial, whole)
        except BaseException:
            incoming.close()
            self.return_room(incoming.room_bytes)
            with suppress(OSError):
                os.unlink(partial)
            raise
        return _Copy(whole, identity, incoming.size_bytes, readers=1)

    def _new_names(self, path: str) -> tuple[str, str]:
        """Names for a file while it is written, and when it is whole; an address may hold what nobody should see."""
        with disk_full_explained(self._folder):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
        stem = os.path.join(self._folder, f"{digest}-{os.urandom(4).hex()}")
        return f"{stem}.part", f"{stem}.photo"

    def _closed(self, path: str, copy: _Copy) -> None:
        with self._changed:
            copy.readers -= 1
            self._remove_if_done(path, copy)

    def _remove_unused(self, size_bytes: int) -> None:
        """Make room by removing copies nobody has open, the longest unused first."""
        unused = [(path, copy) for path, copy in self._copies.items() if copy is not None and copy.readers == 0]
        for path, copy in unused:
            if self._taken_bytes + size_bytes <= self._limit_bytes:
                break
            copy.is_released = True
            self._remove_if_done(path, copy)

    def _remove_if_done(self, path: str, copy: _Copy) -> None:
        if copy.is_released and copy.readers == 0:
            del self._copies[path]
            self._taken_bytes -= copy.size_bytes
            with suppress(FileNotFoundError):
                os.unlink(copy.path)
        self._changed.notify_all()

    def _wait(self) -> bool:
        """Wait until something moves; False if nothing did for a while."""
        if self.stop.is_set():
            raise RunStopped("stopped while a photo waited to be fetched")
        return self._changed.wait(self._patience_s)

    def _wake_all(self) -> None:
        with self._changed:
            self._changed.notify_all()


@contextmanager
def open_spool(folder: str, limit_bytes: int, stop: StopToken) -> Iterator[None]:
    """Let photos be fetched into a folder for as long as a run lasts; what a killed run has left there is removed.

    Args:
        folder: only this run uses it.
        limit_bytes: how many bytes may wait there.
        stop: ends every wait of a fetch.
    """
    spool = FetchSpool(folder, limit_bytes, stop)
    spool.remove_leftovers()
    with _LOCK:
        _SPOOLS[folder] = spool
    try:
        yield
    finally:
        with _LOCK:
            del _SPOOLS[folder]
        spool.close()


def spool_in(folder: str, limit_bytes: int) -> FetchSpool:
    """The spool of the run that uses this folder; made for a photo that has come to another process."""
    with _LOCK:
        return _SPOOLS.get(folder) or _SPOOLS.setdefault(folder, FetchSpool(folder, limit_bytes))


def stop_in(folder: str) -> StopToken:
    """The stop of the run that uses this folder."""
    with _LOCK:
        spool = _SPOOLS.get(folder)
    return NEVER if spool is None else spool.stop


_LOCK: Final = Lock()
_SPOOLS: Final[dict[str, FetchSpool]] = {}
"""What is alive is kept here, not in the storages, because these travel with the photos."""
