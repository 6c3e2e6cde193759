"""One SQLite file, opened once, used by all threads under one lock."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal

from photopipe.errors import DiskFull, JournalUnusable, LineError
from photopipe.journal.schema import MIGRATIONS, SCHEMA, VERSION

BUSY_TIMEOUT_S = 30.0
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
            self._connection = self._connect(read_only=read_only)
            try:
                self._prepare(read_only=read_only)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file; what was committed stays."""
        with self._lock:
            self._connection.close()

    def read(self, statement: str, arguments: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self._explained():
            return self._connection.execute(statement, arguments).fetchall()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for several queries about one moment."""
        with self._lock, self._explained():
            yield self._connection

    @contextmanager
    def write(self, durability: Durability = "NORMAL") -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or, if the block raises, none of it."""
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

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        if read_only and not os.path.exists(self.path):
            return self._open(":memory:")
        if not read_only:
            os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        return self._open(self.path)

    def _copied(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """A copy that may be changed, in a temporary file of SQLite's own; the file itself is only read."""
        copy = self._open("")
        try:
            connection.backup(copy)
        finally:
            connection.close()
        return copy

    @staticmethod
    def _open(path: str) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    def _prepare(self, *, read_only: bool) -> None:
        connection = self._connection
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise JournalUnusable(
                f"{self.path}: the journal is from a newer photopipe. Update photopipe, or give another --journal."
            )
        if version < VERSION:
            if read_only:
                connection = self._connection = self._copied(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            change = "".join(MIGRATIONS[step] for step in range(version, VERSION)) if version else SCHEMA
            connection.executescript(f"BEGIN IMMEDIATE; {change} PRAGMA user_version = {VERSION}; COMMIT;")
        connection.execute("PRAGMA synchronous = NORMAL")
        if read_only:
            connection.execute("PRAGMA query_only = ON")

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
            advice = "Move it away and run again: photos the gallery has are recognised there."
        else:
            advice = "Check the folder's permissions, or give another --journal."
        return JournalUnusable(f"{self.path}: the journal cannot be used: {text}. {advice}")
