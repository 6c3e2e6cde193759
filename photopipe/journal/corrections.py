"""What a person changes in a journal: photos that are to be tried again, and what is to be forgotten."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from photopipe.journal.database.database import Database, closed_on_error
from photopipe.journal.database.lock import RunLock
from photopipe.journal.records import Forgotten

_KNOWN: Final = ("SELECT folder_id, name, photo_id FROM files", "SELECT folder_id, name, NULL FROM pairs")
"""Of a photo that another one shows, the content may never have been read."""
_CHOSEN_PHOTOS: Final = "photo_id IN (SELECT photo_id FROM temp.chosen)"
_CAN_BE_RETRIED: Final = "target_id IN (SELECT id FROM targets) AND state IN ('failed', 'quarantined')"


class Corrections:
    """Changes to a journal that a person asks for; no run may be going on, so it needs the lock of one.

    Paths are given as the journal has them (see `Storage.key`): of a file, or of a folder for everything in it.

    Args:
        path: the journal's file.
        lock: its lock, from `run_lock`.

    Raises:
        JournalUnusable: it cannot be opened, or is not a journal; likewise from every method.
    """

    def __init__(self, path: str, lock: RunLock) -> None:
        self._database = Database(path, lock=lock)
        with closed_on_error(self._database):
            self._database.compare_with_lock()

    def close(self) -> None:
        """Close the file; what was changed stays."""
        self._database.close()

    def retry(self, keys: Sequence[str] = ()) -> int:
        """Have failed photos and those in quarantine tried again as if they had never failed; returns how many.

        Args:
            keys: which; none for all.
        """
        with self._database.write() as connection, _chosen(connection, keys):
            where = f"WHERE {_CAN_BE_RETRIED}" + (f" AND {_CHOSEN_PHOTOS}" if keys else "")
            count: int = connection.execute(
                f"SELECT count(DISTINCT photo_id) FROM deliveries {where}"  # noqa: S608 - ours
            ).fetchone()[0]
            connection.execute(
                "UPDATE deliveries SET state = 'found', attempts = 0, conditions = '',"  # noqa: S608 - ours
                f" changed_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') {where}"
            )
        return count

    def files_under(self, key: str) -> int:
        """How many files are known at or under a path."""
        with self._database.write() as connection, _chosen(connection, [key]):
            count: int = connection.execute("SELECT count(*) FROM temp.chosen").fetchone()[0]
        return count

    def forget(self, keys: Sequence[str]) -> Forgotten:
        """Forget files and, unless they are known under another path too, their photos and what was sent of them."""
        with self._database.write() as connection, _chosen(connection, keys):
            connection.execute("DELETE FROM files WHERE (folder_id, name) IN (SELECT folder_id, name FROM temp.chosen)")
            connection.execute("DELETE FROM pairs WHERE (folder_id, name) IN (SELECT folder_id, name FROM temp.chosen)")
            connection.execute(
                "CREATE TEMP TABLE lost AS SELECT DISTINCT photo_id FROM temp.chosen WHERE photo_id IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM files WHERE files.photo_id = chosen.photo_id)"
            )
            photos, files, lost = (
                connection.execute(f"SELECT count({what}) FROM temp.{table}").fetchone()[0]  # noqa: S608 - ours
                for what, table in (("DISTINCT photo_id", "chosen"), ("*", "chosen"), ("*", "lost"))
            )
            connection.execute(
                "DELETE FROM deliveries WHERE target_id IN (SELECT id FROM targets)"
                " AND photo_id IN (SELECT photo_id FROM temp.lost)"
            )
            connection.execute("DELETE FROM photos WHERE id IN (SELECT photo_id FROM temp.lost)")
            connection.execute("DROP TABLE temp.lost")
        return Forgotten(files, lost, photos - lost)

    def forget_gallery(self, gallery_id: str) -> int:
        """Forget what was sent to a gallery, and what failed there; returns of how many photos."""
        its_targets = "target_id IN (SELECT id FROM targets WHERE gallery_id = ?)"
        with self._database.write() as connection:
            count: int = connection.execute(
                f"SELECT count(DISTINCT photo_id) FROM deliveries WHERE {its_targets}",  # noqa: S608 - ours
                (gallery_id,),
            ).fetchone()[0]
            connection.execute(f"DELETE FROM deliveries WHERE {its_targets}", (gallery_id,))  # noqa: S608 - ours
            connection.execute("DELETE FROM targets WHERE gallery_id = ?", (gallery_id,))
        return count


_UNDER: Final = (
    "folder_id IN (SELECT id FROM folders WHERE path = ? OR (path >= ? AND path < ?))"
    " OR (folder_id = (SELECT id FROM folders WHERE path = ?) AND name = ?)"
)
"""A file at a path, or in the folder of this path, or below it."""


def _under(key: str) -> tuple[bytes, ...]:
    path = os.fsencode(key)
    inside = path.rstrip(b"/")
    folder, name = os.path.split(path)
    return path, inside + b"/", inside + b"0", folder, name  # "0" follows "/" in ASCII


@contextmanager
def _chosen(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[None]:
    """The files that are meant, in a temporary table, because there may be a million."""
    connection.execute(
        "CREATE TEMP TABLE chosen (folder_id INTEGER, name BLOB, photo_id INTEGER, PRIMARY KEY (folder_id, name))"
        " WITHOUT ROWID"
    )
    for key in keys:
        for known in _KNOWN:
            connection.execute(f"INSERT OR IGNORE INTO temp.chosen {known} WHERE {_UNDER}", _under(key))
    yield
    connection.execute("DROP TABLE temp.chosen")
