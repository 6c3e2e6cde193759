"""Put a new journal in the place of a damaged one, whose files are kept under another name.

The new one is made beside it and then takes its place. A kill at any moment leaves the old journal as it was, or
the new one ready under the name `.replacement`; then the next run moves both.
"""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Final

from photopipe.files.placing import sync_file, sync_folder
from photopipe.journal.database.salvage import salvage
from photopipe.journal.database.schema import create_tables, now_text

READY: Final = ".replacement"
"""Ending of a new journal that is complete."""
PARTIAL: Final = ".replacement.partial"
"""Ending of one that is being made."""
FILES: Final = ("-wal", "-shm", "")
"""Endings of the files of a journal, the journal itself last."""
SIDE_FILES: Final = ("-journal", "-wal", "-shm", "")


def replace_journal(path: str) -> str:
    """Set a damaged journal aside and put a new one into its place, with what can be read of the old one.

    Only for the holder of the run's lock, and while this process has no connection to the file.

    Returns:
        A sentence that says what was done.

    Raises:
        OSError, sqlite3.Error: a file cannot be written; the damaged journal is as it was, or this can be called again.
    """
    remove_database(path + PARTIAL)
    set_aside_at = _free_name(path)
    with closing(sqlite3.connect(path + PARTIAL, isolation_level=None)) as new:
        new.execute("PRAGMA journal_mode = OFF")
        new.execute("PRAGMA synchronous = OFF")
        create_tables(new)
        photos, deliveries = salvage(path, new)
        record_replacement(new, set_aside_at)
    sync_file(path + PARTIAL)
    os.rename(path + PARTIAL, path + READY)
    finish_replacement(path)
    return (
        f"the journal was damaged. It is kept as {set_aside_at}; {photos} photos and {deliveries} uploads could be "
        "read and are known. For every other photo the gallery is asked before it is sent."
    )


def finish_replacement(path: str) -> None:
    """Put a new journal that is ready into the place of the old one, if there is one."""
    if not os.path.exists(path + READY):
        return
    with closing(sqlite3.connect(path + READY, isolation_level=None)) as new:
        set_aside_at = new.execute("SELECT set_aside_at FROM replacements ORDER BY id DESC LIMIT 1").fetchone()[0]
    for ending in FILES:
        if os.path.exists(path + ending) and not os.path.exists(set_aside_at + ending):
            os.rename(path + ending, set_aside_at + ending)
    os.rename(path + READY, path)
    sync_folder(os.path.dirname(os.path.abspath(path)))


def record_replacement(connection: sqlite3.Connection, set_aside_at: str | None) -> None:
    """Record that this journal does not know everything that was uploaded.

    Args:
        connection: to the journal.
        set_aside_at: where the old file is, if there is one.
    """
    connection.execute("INSERT INTO replacements (replaced_at, set_aside_at) VALUES (?, ?)", (now_text(), set_aside_at))


def is_replacement(connection: sqlite3.Connection) -> bool:
    """Whether there may be uploads that this journal does not know of."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM replacements)").fetchone()[0])


def current_file(path: str) -> str:
    """The file to read: a new journal that is ready counts, because it takes the place of the damaged one."""
    return path + READY if os.path.exists(path + READY) else path


def _free_name(path: str) -> str:
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (f"{path}.damaged-{time}{'' if number == 1 else f'-{number}'}" for number in range(1, 1000))
    return next(name for name in names if not any(os.path.exists(name + ending) for ending in FILES))


def remove_database(path: str) -> None:
    """Remove a database that nobody uses, and the files beside it; those that are not there are no error."""
    for ending in SIDE_FILES:
        with suppress(FileNotFoundError):
            os.remove(path + ending)
