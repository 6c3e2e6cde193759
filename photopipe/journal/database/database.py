"""One SQLite file, opened once, used by all threads under one lock."""

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import wraps
from threading import Lock, get_ident
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from photopipe.errors import DiskFull, JournalDamaged, JournalUnusable, LineError
from photopipe.journal.database.damage import (
    LOG,
    has_lost_log,
    has_lost_transactions,
    is_damage,
    require_whole,
    was_journal,
)
from photopipe.journal.database.lock import RunLock
from photopipe.journal.database.replacement import (
    current_file,
    finish_replacement,
    is_replacement,
    record_replacement,
    replace_journal,
)
from photopipe.journal.database.schema import VERSION, create_tables, is_empty, is_journal, migrate

BUSY_TIMEOUT_S = 30.0
ROWS_AT_A_TIME = 500
CACHE_KIB = 4096
"""Bounds the memory a journal of any size needs."""

Method = TypeVar("Method", bound=Callable[..., Any])
Durability = Literal["NORMAL", "FULL"]
"""NORMAL survives the death of the process, FULL also the death of the machine (one fsync)."""


class Database:
    """The journal's file. Every error that leaves it is a `LineError` that names the file.

    Args:
        path: the file; created, with its folder, unless `read_only`.
        read_only: look but never write; a file that is not there is an empty journal.
        lock: the lock of the run that uses it, which alone may replace a damaged file; None for everyone else.
        is_checked: whether all of the file is read before it is used, and replaced if it is damaged.

    Attributes:
        is_replacement: whether there may be uploads that the journal does not know of.
        replacements: how often the file was replaced.
        notices: sentences for a person.
        on_replaced: called with the connection to the file that replaces a damaged one.
    """

    def __init__(
        self, path: str, *, read_only: bool = False, lock: RunLock | None = None, is_checked: bool = False
    ) -> None:
        self.path = path
        self.is_replacement = False
        self.replacements = 0
        self.notices: deque[str] = deque()
        self.on_replaced: Callable[[sqlite3.Connection], None] = lambda _connection: None
        self._why_incomplete = ""
        self._run_lock = lock
        self._is_checked = is_checked
        self._lock = Lock()
        self._grouping_thread: int | None = None
        self._durability: Durability = "NORMAL"
        with self._explained():
            self._connection = self._open_read_only() if read_only else self._open_or_replace()
            with closed_on_error(self._connection):
                self.is_replacement = is_replacement(self._connection)

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            if self._run_lock is not None and self._has_everything_in_its_file():
                self._run_lock.note_closed()  # first: a kill must not leave a journal without a log noted as open
            self._connection.close()
        if self._run_lock is not None:
            self._run_lock.note_closed()

    def _has_everything_in_its_file(self) -> bool:
        """Bring the log into the file; False if somebody who reads, or the disk, keeps that from being done."""
        with suppress(sqlite3.Error):
            is_busy, _frames, _done = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy
        return False

    def replace(self, replacements: int) -> bool:
        """Replace a file that was found to be damaged.

        Args:
            replacements: the attribute as it was before the damage was found; another thread may have been faster.

        Returns:
            False if that is not for this process to do, or cannot be done before a group of writes has ended.
        """
        if self._run_lock is None or self._is_grouping():
            return False
        with self._lock, self._explained():
            if replacements == self.replacements:
                self._connection.close()
                self._replace_file()
                self._connection = self._open_or_create()
                self._durability = "NORMAL"
                self.on_replaced(self._connection)
                self.is_replacement = True
                self.replacements += 1
        return True

    def note_incomplete(self) -> None:
        """Record that there may be uploads that the journal does not know of."""
        with self.write("FULL") as connection:
            record_replacement(connection, None)
        self.is_replacement = True

    def note_run(self, number: int) -> None:
        """Note beside the journal that a run has begun, so that it is noticed if the journal is lost."""
        if self._run_lock is not None:
            self._run_lock.note_journal(number)

    def compare_with_lock(self) -> None:
        """Find out whether this is the journal that the last run left, and note that it is used now."""
        lock = self._run_lock
        if lock is None:
            return
        last_run = self.read("SELECT max(id) FROM runs")[0][0]
        if not self._why_incomplete and (last_run or 0) < (lock.last_run or 0):
            self._why_incomplete = "is older than the last run: it was lost, or put back from a backup"
        if self._why_incomplete and not self.notices:  # else the file was replaced, and that was said
            self.note_incomplete()
            self.notices.append(
                f"{self.path}: the journal {self._why_incomplete}. The gallery is asked about every photo that the "
                "journal does not know before it is sent."
            )
        lock.note_journal(last_run)

    def read(self, statement: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.reading() as connection:
            return connection.execute(statement, arguments).fetchall()

    def stream(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time, because there may be a million."""
        with self.reading() as connection:
            cursor = connection.execute(statement)
        while True:
            with self._lock, self._explained():
                rows = cursor.fetchmany(ROWS_AT_A_TIME)
            if not rows:
                return
            yield from rows

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for several queries about one moment."""
        if self._is_grouping():
            yield self._connection
            return
        with self._lock, self._explained():
            yield self._connection

    @contextmanager
    def write(self, durability: Durability = "NORMAL") -> Iterator[sqlite3.Connection]:
        """A transaction: if the block raises, none of it is kept."""
        if self._is_grouping():
            yield self._connection
            return
        with self._lock, self._explained():
            if durability != self._durability:
                self._connection.execute(f"PRAGMA synchronous = {durability}")
                self._durability = durability
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite has rolled back by itself if the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def grouped(self, durability: Durability = "NORMAL") -> Iterator[None]:
        """One transaction of everything that this thread reads and writes in the block, with this durability."""
        with self.write(durability):
            self._grouping_thread = get_ident()
            try:
                yield
            finally:
                self._grouping_thread = None

    def _is_grouping(self) -> bool:
        return self._grouping_thread == get_ident()

    def _open_read_only(self) -> sqlite3.Connection:
        """The journal as it is; an empty one in memory if there is none, so that nothing is written."""
        path = current_file(self.path)
        connection = self._connect_to_whole(path) if os.path.exists(path) else _connect(":memory:")
        with closed_on_error(connection):
            if is_empty(connection):
                create_tables(connection)
            if self._require_journal(connection) < VERSION:
                migrate(connection)
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _connect_to_whole(self, path: str) -> sqlite3.Connection:
        """A connection to a file that is there, or to a copy of it if it must be changed before it is read."""
        require_whole(path)
        connection = _connect_to_read(path)
        with closed_on_error(connection):
            is_current = not is_empty(connection) and self._require_journal(connection) == VERSION
        return connection if is_current else _copied(connection)

    def _open_or_replace(self) -> sqlite3.Connection:
        """The journal; if it is damaged, and that is for this process to do, the one that replaces it."""
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        if self._run_lock is None:
            return self._open_or_create()
        finish_replacement(self.path)
        if has_lost_log(self.path):
            self._why_incomplete = f"has lost its last changes: {self.path}{LOG} is not there"
        try:
            require_whole(self.path)
            connection = self._open_or_create()
            with closed_on_error(connection):
                is_replacement(connection)
                if self._is_checked:
                    self._require_sound(connection)
        except (sqlite3.Error, JournalDamaged) as error:
            if not isinstance(error, JournalDamaged) and not is_damage(error):
                raise
            if not was_journal(self.path):
                raise self._not_a_journal() from error
            self._replace_file()
            return self._open_or_create()
        return connection

    def _open_or_create(self) -> sqlite3.Connection:
        connection = _connect(self.path)
        with closed_on_error(connection):
            if is_empty(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                create_tables(connection)
            version = self._require_journal(connection)
            if self._run_lock is not None and has_lost_transactions(connection, self.path):
                self._why_incomplete = f"has lost its last changes: {self.path}{LOG} is damaged"
            if version < VERSION:
                migrate(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _replace_file(self) -> None:
        self.notices.append(replace_journal(self.path))

    def _require_sound(self, connection: sqlite3.Connection) -> None:
        finding = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if finding != "ok":
            raise JournalDamaged(f"{self.path}: the journal is damaged: {finding}.")

    def _not_a_journal(self) -> JournalUnusable:
        return JournalUnusable(
            f"{self.path}: this file is not a journal of photopipe, and was not changed. Give the name of a new or "
            "another file with --journal. If it was a journal, move it away and run `photopipe journal rebuild` with "
            "the same sources and galleries."
        )

    def _require_journal(self, connection: sqlite3.Connection) -> int:
        """Make sure that the database is a journal that can be read here; returns its version."""
        if not is_journal(connection):
            raise JournalUnusable(
                f"{self.path}: this database belongs to another program, and was not changed. "
                "Give the name of a new or another file with --journal."
            )
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise JournalUnusable(
                f"{self.path}: the journal was written by a newer photopipe. Update photopipe, or give another "
                "file with --journal."
            )
        return version

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._explain(error) from error

    def _explain(self, error: sqlite3.Error | OSError) -> LineError:
        text = str(error)
        if "disk is full" in text or "disk I/O error" in text:
            return DiskFull(
                f"{self.path}: the journal cannot be written: {text}. Make room and run again; nothing is lost."
            )
        if is_damage(error) and not was_journal(self.path):
            return self._not_a_journal()
        if is_damage(error):
            return JournalDamaged(
                f"{self.path}: the journal is damaged: {text}. The next `photopipe process` keeps it under another "
                "name, goes on with what can be read of it, and asks the gallery about every other photo. "
                "`photopipe journal check` says more."
            )
        return JournalUnusable(
            f"{self.path}: the journal cannot be used: {text}. Check the permissions of its folder, or give another "
            "file with --journal."
        )


def replaced_if_damaged(method: Method) -> Method:
    """A method that is called once more, with the new file, if the journal's file was found to be damaged meanwhile.

    Its object has the attribute `_database`, and nothing that it is given is used up by the first call.
    """

    @wraps(method)
    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        replacements = self._database.replacements
        try:
            return method(self, *arguments, **named)
        except JournalDamaged:
            if not self._database.replace(replacements):
                raise
        return method(self, *arguments, **named)

    return cast("Method", call)


def _connect_to_read(path: str) -> sqlite3.Connection:
    """A connection that neither makes a file nor moves what is in the log of a killed run.

    One that cannot write at all would leave the log's empty files behind, where there is no log.
    """
    address = f"file:{quote(os.fsencode(path))}?mode={'ro' if os.path.exists(path + LOG) else 'rw'}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


@contextmanager
def closed_on_error(opened: sqlite3.Connection | Database) -> Iterator[None]:
    """Close what was opened if the block raises; else it is left open."""
    try:
        yield
    except BaseException:
        opened.close()
        raise


def _copied(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy that may be changed, in a temporary file of SQLite's own; the original is only read, and closed."""
    copy = _connect("")
    with closing(connection), closed_on_error(copy):
        connection.backup(copy)
    return copy
