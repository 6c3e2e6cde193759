"""Whether a journal is in order: what SQLite can tell of its file, and what its rows say."""

import os
from collections.abc import Iterator
from typing import Final, NamedTuple

from photopipe.errors import JournalDamaged, JournalUnusable
from photopipe.journal.database.damage import has_lost_log
from photopipe.journal.database.database import Database
from photopipe.journal.database.lock import has_been_journal
from photopipe.journal.database.replacement import READY

MOST: Final = 100
"""Faults that SQLite names and that are shown."""
REBUILD: Final = (
    "Run `photopipe journal rebuild` with the sources and galleries of `photopipe process`: it keeps this file under "
    "another name, takes over what can be read, and asks the galleries for the rest."
)
IMPOSSIBLE: Final = {
    "photos whose content is not known by a SHA-256": "SELECT count(*) FROM photos WHERE length(source_sha256) <> 32",
    "uploads without the address that the gallery gave": (
        "SELECT count(*) FROM deliveries WHERE state = 'uploaded' AND url IS NULL"
    ),
    "uploads of which it is not recorded what was sent": (
        "SELECT count(*) FROM deliveries WHERE state IN ('uploaded', 'sending')"
        " AND (length(sha256) IS NOT 64 OR length(sha1) IS NOT 40 OR length(md5) IS NOT 32 OR size_bytes IS NULL)"
    ),
    "failures without a reason": (
        "SELECT count(*) FROM deliveries WHERE state IN ('failed', 'quarantined') AND reason IS NULL"
    ),
    "runs that ended before they began": "SELECT count(*) FROM runs WHERE ended_at < started_at",
}
"""What no run records, and how it is counted."""


class JournalFault(NamedTuple):
    """Something that is not in order with a journal.

    Attributes:
        message: what it is, a sentence.
        advice: what to do about it, a sentence.
    """

    message: str
    advice: str


def check_journal(path: str) -> Iterator[JournalFault]:
    """Read all of a journal; nothing is changed, and a run may be going on.

    Args:
        path: its file.

    Raises:
        JournalUnusable: it is no journal, or cannot be read here; likewise if it is of a newer photopipe.
    """
    if os.path.exists(path + READY):
        yield JournalFault(
            "a run was stopped while it replaced a damaged journal.", "Run `photopipe process`: it completes that."
        )
    elif not os.path.exists(path):
        yield from _missing(path)
        return
    if has_lost_log(path):
        yield JournalFault(
            f"the last run was killed, and its last changes, in {path}-wal, are not there.",
            "Put that file back if you can. If not, the next `photopipe process` asks the gallery about every photo "
            "that the journal does not know.",
        )
    try:
        database = Database(path, read_only=True)
    except JournalDamaged as error:
        yield JournalFault(str(error.__cause__ or error), REBUILD)
        return
    try:
        yield from _faults(database)
    except JournalDamaged as error:
        yield JournalFault(str(error.__cause__ or error), REBUILD)
    finally:
        database.close()


def _missing(path: str) -> Iterator[JournalFault]:
    if not has_been_journal(path):
        raise JournalUnusable(f"{path}: there is no journal. Is it another --journal?")
    yield JournalFault(
        "the journal is gone: a run has used one here, and there is no file.",
        "Put it back, or a backup of it. If there is none, run `photopipe journal rebuild` with the sources and "
        "galleries of `photopipe process`.",
    )


def _faults(database: Database) -> Iterator[JournalFault]:
    for (finding,) in database.read(f"PRAGMA integrity_check({MOST})"):
        if finding != "ok":
            yield JournalFault(f"the file is damaged: {finding}.", REBUILD)
    orphans = database.read('SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1')
    for table, count in orphans:
        yield JournalFault(f"{count} rows of the table {table} belong to nothing.", REBUILD)
    for what, query in IMPOSSIBLE.items():
        count = database.read(query)[0][0]
        if count:
            yield JournalFault(f"there are {what}: {count}.", REBUILD)
