"""One SQLite file, opened once, used by all threads under one lock."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal

from photopipe.errors import DiskFull, JournalUnusable, LineError
from photopipe.journal.schema import VERSION, create_tables, is_empty, is_journal, migrate

BUSY_TIMEOUT_S = 30.0
ROWS_AT_A_TIME = 500
CACHE_KIB = 4096
"""Bounds the memory a journal of any size needs."""

Durability = Literal["NORMAL", "FULL"]
"""NORMAL survives the death of the process, FULL also the death of the machine (one fsync)."""


class Database:
    """The journal's file. Every error that leaves it is a `LineError` that names the file.

    Args:
        path: the file; created, with its folder, unless `read_only`.
        read_only: look but never write; a file that is not there is an empty journal.
    """

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = Lock()
        self._durability: Durability = "NORMAL"
        with self._explained():
            self._connection = self._open_read_only() if read_only else self._open_or_create()

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()

    def read(self, statement: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self._explained():
            return self._connection.execute(statement, arguments).fetchall()

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
        with self._lock, self._explained():
            yield self._connection

    @contextmanager
    def write(self, durability: Durability = "NORMAL") -> Iterator[sqlite3.Connection]:
        """A transaction: if the block raises, none of it is kept."""
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

    def _open_read_only(self) -> sqlite3.Connection:
        """The journal as it is; an empty one in memory if there is none, so that nothing is written."""
        connection = _connect(self.path if os.path.exists(self.path) else ":memory:")
        with _closed_on_error(connection):
            if is_empty(connection):
                connection.close()
                connection = _connect(":memory:")
                create_tables(connection)
            if self._require_journal(connection) < VERSION:
                connection = _copied(connection)
                migrate(connection)
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _open_or_create(self) -> sqlite3.Connection:
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        connection = _connect(self.path)
        with _closed_on_error(connection):
            if is_empty(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                create_tables(connection)
            if self._require_journal(connection) < VERSION:
                migrate(connection)
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

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
        if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
            advice = "Move it away and run again: photos that are in the gallery are recognised there."
        else:
            advice = "Check the permissions of its folder, or give another file with --journal."
        return JournalUnusable(f"{self.path}: the journal cannot be used: {text}. {advice}")


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _copied(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy that may be changed, in a temporary file of SQLite's own; the original is only read, and closed."""
    copy = _connect("")
    try:
        connection.backup(copy)
    finally:
        connection.close()
    return copy
