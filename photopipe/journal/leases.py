"""Which worker of a cluster may be sending which photo, and until when."""

import sqlite3
from typing import NamedTuple

from photopipe.journal.database.database import Database


class Lease(NamedTuple):
    """The permission of one worker to send one photo, for a time.

    Attributes:
        run: number of the run that gave it.
        attempt: 1 the first time the photo is given to a worker in this run, and one more each time after.
        worker: `machine:process`.
        expires_at_s: after that another worker may have it [seconds since 1970, by the driver's clock].
    """

    run: int
    attempt: int
    worker: str
    expires_at_s: float


class Leases:
    """The leases that are not over; those of killed runs stay until their photos are worked on again.

    Args:
        database: the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, connection: sqlite3.Connection, source_sha256: str, lease: Lease) -> None:
        """Note, in the caller's transaction, who has a photo now; an earlier lease of it is outdated."""
        connection.execute(
            "INSERT OR REPLACE INTO leases (photo_id, run_id, attempt, worker, expires_at)"
            " SELECT id, ?, ?, ?, ? FROM photos WHERE source_sha256 = ?",
            (*lease, bytes.fromhex(source_sha256)),
        )

    def end(self, source_sha256: str) -> None:
        """Note that nobody has a photo any more."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM leases WHERE photo_id = (SELECT id FROM photos WHERE source_sha256 = ?)",
                (bytes.fromhex(source_sha256),),
            )

    def unexpired(self, now_s: float) -> list[Lease]:
        """The leases that still hold at a moment [seconds since 1970]."""
        rows = self._database.read(
            "SELECT run_id, attempt, worker, expires_at FROM leases WHERE expires_at > ?", (now_s,)
        )
        return [Lease(*row) for row in rows]
