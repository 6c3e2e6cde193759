"""Whether a file that SQLite cannot read was a journal, and signs of damage that SQLite does not look for."""

import os
import sqlite3
from contextlib import suppress
from typing import Final

from photopipe.errors import JournalDamaged
from photopipe.journal.database.lock import has_been_journal, was_left_open
from photopipe.journal.database.schema import APPLICATION_ID

DAMAGE_CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
LOG: Final = "-wal"
"""Ending of the file beside a database that holds its last transactions (the write-ahead log)."""
MAGIC: Final = b"SQLite format 3\0"
OUR_TABLE: Final = b"CREATE TABLE deliveries ("
BLOCK_BYTES: Final = 1 << 20
LOG_HEADER_BYTES: Final = 32
FRAME_HEADER_BYTES: Final = 24


def is_damage(error: sqlite3.Error | OSError) -> bool:
    """True for an error of SQLite that says that the file's bytes are wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in DAMAGE_CODES


def was_journal(path: str) -> bool:
    """Whether a damaged file was a journal: by its header, by the text of a table, or because a run has used it.

    Call it only while this process has no connection to the file.

    Source: "The SQLite Database File Format", section 1.3.
    """
    try:
        with open(path, "rb") as file:
            header = file.read(100)
            application_id = int.from_bytes(header[68:72], "big")
            if header.startswith(MAGIC) and application_id:
                return application_id == APPLICATION_ID
            file.seek(0)
            end = b""
            while block := file.read(BLOCK_BYTES):
                if OUR_TABLE in end + block:
                    return True
                end = block[-len(OUR_TABLE) :]
    except OSError:
        return False
    return has_been_journal(path)


def require_whole(path: str) -> None:
    """Notice that the file's end is missing, which SQLite does not before it reads there.

    Call it only while this process has no connection to the file.

    Raises:
        JournalDamaged: it is shorter than its header says.

    Source: "The SQLite Database File Format", sections 1.3.2 and 1.3.8.
    """
    with suppress(FileNotFoundError), open(path, "rb") as file:
        header = file.read(100)
        page_bytes = int.from_bytes(header[16:18], "big")
        pages = int.from_bytes(header[28:32], "big")
        is_valid = header.startswith(MAGIC) and header[24:28] == header[92:96]
        size_bytes = os.fstat(file.fileno()).st_size
        if is_valid and not _size(path + LOG) and size_bytes < pages * (page_bytes if page_bytes > 1 else 65536):
            raise JournalDamaged(f"{path}: the journal is damaged: its file ends early.")


def has_lost_transactions(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the log has transactions that SQLite passes over, because bytes in the middle of it were overwritten.

    Args:
        connection: to the journal; nothing was written with it yet.
        path: the journal's file.

    Source: "The SQLite Database File Format", section 4.1 to 4.4.
    """
    if _size(path + LOG) <= LOG_HEADER_BYTES:
        return False
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # has the log read
    used_frames = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
    with suppress(FileNotFoundError), open(path + LOG, "rb") as file:
        header = file.read(LOG_HEADER_BYTES)
        frame_bytes = FRAME_HEADER_BYTES + int.from_bytes(header[8:12], "big")
        for start in range(LOG_HEADER_BYTES + max(used_frames, 0) * frame_bytes, _size(path + LOG), frame_bytes):
            file.seek(start)
            frame = file.read(FRAME_HEADER_BYTES)
            if frame[8:16] == header[16:24] and int.from_bytes(frame[4:8], "big"):
                return True
    return False


def has_lost_log(path: str) -> bool:
    """Whether the last run was killed, and the log with its last transactions is not there."""
    return was_left_open(path) and not os.path.exists(path + LOG)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
