"""A copy of a journal in one file, also while a run goes on."""

import os
import sqlite3
from contextlib import closing, suppress

from photopipe.errors import DiskFull, JournalDamaged, JournalUnusable, UsageError
from photopipe.files.placing import sync_file, sync_folder
from photopipe.journal.database.database import Database
from photopipe.journal.database.replacement import remove_database
from photopipe.journal.database.schema import is_journal


def back_up(path: str, backup_path: str, *, replaces: bool = False) -> int:
    """Copy a journal, as it is at one moment, into a file that is complete and on the disk when it gets its name.

    Args:
        path: the journal.
        backup_path: the copy.
        replaces: whether an earlier copy of that name is replaced; no other file ever is.

    Returns:
        The size of the copy in bytes.

    Raises:
        UsageError: the copy's name is taken, or its folder is not there.
        JournalUnusable: there is no journal, or it cannot be read. Of a damaged one no copy is made.
        DiskFull: no room.

    Source: SQLite documentation, "Online Backup API".
    """
    if not os.path.exists(path):
        raise JournalUnusable(f"{path}: there is no journal to copy. Is it another --journal?")
    _check_name(path, backup_path, replaces=replaces)
    partial = f"{backup_path}.partial"
    try:
        remove_database(partial)
        with closing(Database(path, read_only=True)) as journal:
            _copy(journal, partial)
        size_bytes = os.path.getsize(partial)
        _place(partial, backup_path, replaces=replaces)
    except (OSError, sqlite3.Error) as error:
        raise DiskFull(
            f"{backup_path}: the backup cannot be written: {error}. Make room, or check the permissions of the folder."
        ) from error
    finally:
        with suppress(OSError):
            remove_database(partial)
    return size_bytes


def _copy(journal: Database, partial: str) -> None:
    """Copy everything, and read all of the copy."""
    with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
        with journal.reading() as connection:
            connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that needs no other beside it
        finding = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if finding != "ok":
            raise JournalDamaged(
                f"{journal.path}: the journal is damaged, so that no copy of it was made: {finding}. "
                "`photopipe journal check` says what to do."
            )
    sync_file(partial)


def _place(partial: str, backup_path: str, *, replaces: bool) -> None:
    if replaces:
        os.replace(partial, backup_path)
    else:
        try:
            os.link(partial, backup_path)
        except FileExistsError:
            raise _is_taken(backup_path) from None
        except OSError:  # a file system without links
            if os.path.lexists(backup_path):
                raise _is_taken(backup_path) from None
            os.rename(partial, backup_path)
    sync_folder(os.path.dirname(os.path.abspath(backup_path)))


def _check_name(path: str, backup_path: str, *, replaces: bool) -> None:
    folder = os.path.dirname(os.path.abspath(backup_path))
    if not os.path.isdir(folder):  # it is not made: the disk for backups may not be mounted
        raise UsageError(f"{folder}: there is no such folder for the backup. Make it, or mount the disk it is on.")
    if not os.path.lexists(backup_path):
        return
    if os.path.exists(backup_path) and os.path.samefile(path, backup_path):
        raise UsageError(f"{backup_path}: this is the journal itself. Give another name for the backup.")
    if not replaces:
        raise _is_taken(backup_path)
    if not _is_copy(backup_path):
        raise UsageError(f"{backup_path}: this file is not a backup of a journal, and was not replaced.")


def _is_taken(backup_path: str) -> UsageError:
    return UsageError(
        f"{backup_path}: there is such a file. Give another name, or replace an earlier backup by --force."
    )


def _is_copy(path: str) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return os.path.getsize(path) > 0 and is_journal(connection)
    except (OSError, sqlite3.Error):
        return False
