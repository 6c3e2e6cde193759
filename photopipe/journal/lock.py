"""One run per journal at a time."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from photopipe.errors import JournalUnusable, LockHeld

POLL_S = 0.1
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


@contextmanager
def run_lock(journal_path: str, wait_s: float = 0.0) -> Iterator[None]:
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
        _write_holder(descriptor)
        yield
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


def _write_holder(descriptor: int) -> None:
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "started": started}).encode(), 0)


def _holder(descriptor: int) -> LockHolder:
    try:
        holder = json.loads(os.pread(descriptor, 200, 0))
        return LockHolder(int(holder["pid"]), str(holder["started"]))
    except (ValueError, KeyError, TypeError):
        return LockHolder()
