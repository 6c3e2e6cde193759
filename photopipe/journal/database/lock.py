"""One run per journal at a time."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from photopipe.errors import DiskFull, JournalUnusable, LockHeld

POLL_S = 0.1
LENGTH = 400
"""Bytes of what is noted in the lock's file."""
LOOK_S = 0.3
"""Who only looks whether there is a run (`lock_holder`) has the lock for a moment; a run that starts outlasts that."""


class LockHolder(NamedTuple):
    """The process that holds a journal's lock.

    Attributes:
        pid: its number; None if that is not known.
        started_at: when it took the lock, RFC 3339; None if that is not known.
    """

    pid: int | None = None
    started_at: str | None = None

    def __str__(self) -> str:
        return f" (process {self.pid}, started {self.started_at})" if self.pid else ""


@dataclass(slots=True)
class RunLock:
    """The lock that a run holds, and what the runs before have noted in it of the journal beside it.

    A journal that is older than its lock says was lost, or put back from a backup.

    Attributes:
        was_journal: whether a run has used the file beside it as its journal.
        last_run: number in the journal of the last run, or None if there was none.
        is_open: whether the last run was killed before it closed the journal.
    """

    _descriptor: int
    was_journal: bool = False
    last_run: int | None = None
    is_open: bool = False
    _started: str = field(default_factory=lambda: datetime.now().astimezone().isoformat(timespec="seconds"))

    @classmethod
    def taken(cls, descriptor: int) -> "RunLock":
        """The lock whose file was just locked."""
        noted = _noted(descriptor)
        lock = cls(descriptor, bool(noted.get("journal")), noted.get("run"), bool(noted.get("open")))
        lock._write()
        return lock

    def note_journal(self, last_run: int | None) -> None:
        """Note that the file beside the lock is a journal, which is now written, and the number of its last run."""
        self.was_journal, self.last_run, self.is_open = True, last_run, True
        self._write()

    def note_closed(self) -> None:
        """Note that the journal is closed, and all of it is in its file."""
        self.is_open = False
        self._write()

    def _write(self) -> None:
        noted: dict[str, Any] = {"pid": os.getpid(), "started": self._started}
        if self.was_journal:
            noted |= {"journal": True, "run": self.last_run, "open": self.is_open}
        text = json.dumps(noted).ljust(LENGTH)  # always as long, so that a kill leaves the old text or the new
        try:
            os.pwrite(self._descriptor, text.encode(), 0)
        except OSError as error:
            raise DiskFull(
                f"the journal's lock cannot be written: {error.strerror}. Make room and run again; nothing is lost."
            ) from error


@contextmanager
def run_lock(journal_path: str, wait_s: float = 0.0) -> Iterator[RunLock]:
    """Lock the journal for one run. The kernel releases the lock however the run ends, so it is never stale.

    The lock is a file beside the journal, because SQLite's own locks on the journal are dropped when
    any other handle on the same file is closed.

    Args:
        journal_path: the journal's file.
        wait_s: how long to wait for another run to end, in seconds.

    Raises:
        LockHeld: another run has it; the message names its process.
        JournalUnusable: the lock file cannot be created.

    Source:
        flock(2); "How To Corrupt An SQLite Database File", section 2.2.
    """
    descriptor = _open(f"{journal_path}.lock")
    try:
        _acquire(descriptor, journal_path, time.monotonic() + max(wait_s, LOOK_S))
        yield RunLock.taken(descriptor)
    finally:
        os.close(descriptor)


def lock_holder(journal_path: str) -> LockHolder | None:
    """Who holds the journal's lock; None if nobody does. As text it is ` (process 12, started ...)`.

    Args:
        journal_path: the journal's file.
    """
    try:
        descriptor = os.open(f"{journal_path}.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def has_been_journal(path: str) -> bool:
    """Whether a run has used the file at this path as its journal, by what it noted in the lock beside it."""
    return bool(_noted_beside(path).get("journal"))


def was_left_open(path: str) -> bool:
    """Whether a run uses the journal at this path, or was killed while it did."""
    return bool(_noted_beside(path).get("open"))


def _noted_beside(path: str) -> dict[str, Any]:
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDONLY)
    except OSError:
        return {}
    try:
        return _noted(descriptor)
    finally:
        os.close(descriptor)


def _open(path: str) -> int:
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalUnusable(
            f"{path}: cannot be created: {error.strerror}. Give another file with --journal."
        ) from error


def _acquire(descriptor: int, journal_path: str, deadline_s: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline_s:
                holder = _holder(descriptor)
                raise LockHeld(
                    f"{journal_path}: another run{holder} is using this journal. "
                    "Wait until it ends, let this run wait with --lock-wait, or give another file with --journal."
                ) from None
            time.sleep(POLL_S)  # flock has no timeout; nothing else runs in this process yet
        else:
            return


def _holder(descriptor: int) -> LockHolder:
    noted = _noted(descriptor)
    try:
        return LockHolder(int(noted["pid"]), str(noted["started"]))
    except (ValueError, KeyError, TypeError):
        return LockHolder()


def _noted(descriptor: int) -> dict[str, Any]:
    try:
        noted = json.loads(os.pread(descriptor, LENGTH, 0))
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) else {}
