"""Which content a dry run has seen."""

import sqlite3
from threading import Lock


class SeenContent:
    """A set of hashes in a temporary file of SQLite's own, because there may be a million photos."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("CREATE TABLE seen (source_sha256 BLOB PRIMARY KEY) WITHOUT ROWID")

    def add(self, source_sha256: str) -> bool:
        """Remember some content; False if it was seen before."""
        with self._lock:
            added = self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?)", (bytes.fromhex(source_sha256),))
            return added.rowcount == 1

    def close(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._connection.close()
