"""Photos that are not uploaded, because another photo shows the same shot."""

import os
from collections.abc import Sequence

from photopipe.found_photo import FoundPhoto
from photopipe.journal.database.database import Database, replaced_if_damaged

Row = tuple[bytes, int, int, int, int, bytes, int, int]


class Pairs:
    """The halves of pairs that are shown by the other one, so that no file need be opened again to know it.

    Args:
        database: the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @replaced_if_damaged
    def known(self, photos: Sequence[FoundPhoto]) -> set[str]:
        """Paths of the photos that are known to be shown by the one that `shown_by` says, as both look now.

        Args:
            photos: of one folder; `shown_by` is set.
        """
        if not photos:
            return set()
        rows = {photo.path: _row(photo) for photo in photos}
        names = [row[0] for row in rows.values()]
        known = self._database.read(
            "SELECT name, device, inode, size_bytes, mtime_ns, shown_by, shown_by_size_bytes, shown_by_mtime_ns"
            " FROM folders JOIN pairs ON folder_id = folders.id WHERE path = ? AND name BETWEEN ? AND ?",
            (_folder_key(photos[0]), min(names), max(names)),
        )
        same = set(known)
        return {path for path, row in rows.items() if row in same}

    @replaced_if_damaged
    def record(self, photo: FoundPhoto) -> None:
        """Record that a photo is shown by the one that its `shown_by` says."""
        folder = _folder_key(photo)
        with self._database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO folders (path) VALUES (?)", (folder,))
            connection.execute(
                "INSERT OR REPLACE INTO pairs (folder_id, name, device, inode, size_bytes, mtime_ns,"
                " shown_by, shown_by_size_bytes, shown_by_mtime_ns)"
                " VALUES ((SELECT id FROM folders WHERE path = ?), ?, ?, ?, ?, ?, ?, ?, ?)",
                (folder, *_row(photo)),
            )


def _folder_key(photo: FoundPhoto) -> bytes:
    return os.fsencode(photo.storage.key(os.path.dirname(photo.path)))


def _row(photo: FoundPhoto) -> Row:
    other = next(one for one in photo.companions if one.path == photo.shown_by)
    own = os.fsencode(photo.name), photo.device, photo.inode, photo.size_bytes, photo.mtime_ns
    return *own, os.fsencode(other.name), other.size_bytes, other.mtime_ns
