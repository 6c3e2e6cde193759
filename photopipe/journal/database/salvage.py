"""Read what can be read of a damaged journal, row by row, and believe only what does not contradict itself."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, Final
from urllib.parse import quote

Row = tuple[Any, ...]
Query = tuple[str, tuple[Any, ...]]

AT_ONCE: Final = 512
"""Rows that are read together; if they cannot be, halves of them are tried, down to single rows."""
STATES: Final = frozenset({"found", "rendered", "sending", "uploaded", "failed", "quarantined"})
PATTERNS: Final = {"sha256": r"[0-9a-f]{64}", "sha1": r"[0-9a-f]{40}", "md5": r"[0-9a-f]{32}"}
NUMBERED: Final = {
    "folders": ("id", "path"),
    "photos": ("id", "source_sha256"),
    "targets": ("id", "recipe_id", "gallery_id", "recipe"),
    "runs": ("id", "started_at", "ended_at", "exit_code", "found", "uploaded", "skipped", "failed", "left_over"),
    "replacements": ("id", "replaced_at", "set_aside_at"),
}
"""Tables whose rows are known by a number, and their columns."""
FILES: Final = ("folder_id", "name", "device", "inode", "size_bytes", "mtime_ns", "photo_id")
PAIRS: Final = (*FILES[:-1], "shown_by", "shown_by_size_bytes", "shown_by_mtime_ns")
HASHES: Final = ("sha256", "sha1", "md5", "size_bytes")
FAILURE: Final = ("stage", "reason", "message", "attempts", "conditions")
DELIVERIES: Final = ("target_id", "photo_id", "state", *HASHES, "remote_id", "url", *FAILURE, "changed_at")
INDEXED: Final = {
    "folders": "INDEXED BY sqlite_autoindex_folders_1 WHERE path = one.path AND id = one.id",
    "photos": "INDEXED BY sqlite_autoindex_photos_1 WHERE source_sha256 = one.source_sha256 AND id = one.id",
    "targets": "INDEXED BY sqlite_autoindex_targets_1 WHERE recipe_id = one.recipe_id"
    " AND gallery_id = one.gallery_id AND id = one.id",
    "files": "INDEXED BY files_by_photo WHERE photo_id = one.photo_id AND folder_id = one.folder_id"
    " AND name = one.name",
    "deliveries": "INDEXED BY deliveries_by_state WHERE target_id = one.target_id AND state = one.state"
    " AND photo_id = one.photo_id",
}
"""The index that repeats a row of each table: a row is believed if both say the same."""


def salvage(path: str, new: sqlite3.Connection) -> tuple[int, int]:
    """Copy what can be read, and is believed, into a new journal.

    A row that is left out costs only a question to the gallery; a wrong one could keep a photo from being sent.

    Args:
        path: the damaged journal; it is only read.
        new: an empty journal.

    Returns:
        How many photos, and how many that a gallery has, were copied.
    """
    try:
        old = _opened(path)
    except sqlite3.Error:
        return 0, 0
    with closing(old):
        new.execute("BEGIN")
        for table, columns in NUMBERED.items():
            _copy(_OldTable(old, table, columns).numbered("id", "", ()), new, table, columns)
        folders = [row[0] for row in new.execute("SELECT id FROM folders")]
        targets = [row[0] for row in new.execute("SELECT id FROM targets")]
        for table, columns in (("files", FILES), ("pairs", PAIRS)):
            named = _OldTable(old, table, columns)
            for folder in folders:
                _copy(named.from_both_ends("name", "folder_id = ?", (folder,)), new, table, columns)
        sent = _OldTable(old, "deliveries", DELIVERIES)
        for target in targets:
            _copy(sent.numbered("photo_id", "target_id = ? AND ", (target,)), new, "deliveries", DELIVERIES)
        for table in ("files", "deliveries"):
            new.execute(f"DELETE FROM {table} WHERE photo_id NOT IN (SELECT id FROM photos)")  # noqa: S608 - ours
        new.execute("COMMIT")
    photos: int = new.execute("SELECT count(*) FROM photos").fetchone()[0]
    uploaded: int = new.execute("SELECT count(*) FROM deliveries WHERE state = 'uploaded'").fetchone()[0]
    return photos, uploaded


def _opened(path: str) -> sqlite3.Connection:
    """The damaged file, with its log if that is possible; it is not changed in any case."""
    for how in ("mode=ro", "mode=ro&immutable=1"):
        old = sqlite3.connect(f"file:{quote(path)}?{how}", uri=True)
        try:
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error as error:
            old.close()
            last = error
        else:
            old.text_factory = _text_or_bytes
            return old
    raise last


def _text_or_bytes(raw: bytes) -> str | bytes:
    """What is not text is wrong, and is found to be so by its type."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


class _OldTable:
    """One table of a damaged journal.

    Args:
        old: the damaged journal.
        table: its name.
        columns: which are wanted; those that its version did not have are left out.
    """

    def __init__(self, old: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
        self._old = old
        has = {row[1] for row in self._rows((f"PRAGMA table_info({table})", ()))}
        self._missing = [name for name in columns if name not in has]
        shown = ", ".join(name if name in has else _DEFAULTS.get(name, "NULL") for name in columns)
        confirmed = f" AND EXISTS (SELECT 1 FROM {table} {INDEXED[table]})" if self._has_index(table) else ""  # noqa: S608
        self._query = f"SELECT {shown} FROM {table} AS one WHERE {{}}{confirmed} ORDER BY {{}}"  # noqa: S608 - ours
        self._table = table

    def _has_index(self, table: str) -> bool:
        if table not in INDEXED:
            return False
        names = {row[1] for row in self._rows((f"PRAGMA index_list({table})", ()))}
        return INDEXED[table].split()[2] in names

    def numbered(self, key: str, where: str, values: tuple[Any, ...]) -> Iterator[Row]:
        """All rows that can be read, around every one that cannot.

        Args:
            key: column with a number, by which the rows are found.
            where: further condition.
            values: for it.
        """
        number, last = 1, self._last(key, where, values)
        while number <= last:
            beyond = number + AT_ONCE
            yield from self._range(key, where, values, number, beyond)
            number = beyond

    def _range(self, key: str, where: str, values: tuple[Any, ...], number: int, beyond: int) -> Iterator[Row]:
        query = self._query.format(f"{where}one.{key} >= ? AND one.{key} < ?", f"one.{key}")
        try:
            rows = self._old.execute(query, (*values, number, beyond)).fetchall()
        except sqlite3.Error:
            if beyond - number > 1:
                middle = (number + beyond) // 2
                yield from self._range(key, where, values, number, middle)
                yield from self._range(key, where, values, middle, beyond)
        else:
            yield from rows

    def _last(self, key: str, where: str, values: tuple[Any, ...]) -> int:
        """The largest number; if it cannot be read, as many as the file has room for."""
        condition = f" WHERE {where}true" if where else ""
        pages, page_bytes = (self._rows((f"PRAGMA {name}", ())) for name in ("page_count", "page_size"))
        size_bytes = pages[0][0] * page_bytes[0][0] if pages and page_bytes else 0
        rows = self._rows((f"SELECT max({key}) FROM {self._table}{condition}", values))  # noqa: S608 - ours
        if not rows:
            return int(size_bytes) // _SMALLEST_ROW_BYTES
        return min(rows[0][0], int(size_bytes)) if isinstance(rows[0][0], int) else 0

    def from_both_ends(self, key: str, where: str, values: tuple[Any, ...]) -> Iterator[Row]:
        """The rows up to the first that cannot be read and, from the last on, back to it."""
        for direction in ("", " DESC"):
            query = self._query.format(where, f"one.{key}{direction}")
            try:
                yield from self._old.execute(query, values)
            except sqlite3.Error:
                continue
            return

    def _rows(self, query: Query) -> list[Row]:
        """All rows, or none if they cannot be read."""
        try:
            return self._old.execute(*query).fetchall()
        except sqlite3.Error:
            return []


_DEFAULTS: Final = {"conditions": "''", "recipe": "''"}
_SMALLEST_ROW_BYTES: Final = 32


def _copy(rows: Iterable[Row], new: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
    is_sound = _SOUND[table]
    marks = ", ".join("?" * len(columns))
    new.executemany(
        f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - ours
        (row for row in rows if is_sound(dict(zip(columns, row, strict=True)))),
    )


def _is_folder(row: dict[str, Any]) -> bool:
    return isinstance(row["path"], bytes) and bool(row["path"]) and b"\0" not in row["path"]


def _is_photo(row: dict[str, Any]) -> bool:
    return isinstance(row["source_sha256"], bytes) and len(row["source_sha256"]) == 32


def _is_target(row: dict[str, Any]) -> bool:
    return all(isinstance(row[name], str) for name in ("recipe_id", "gallery_id", "recipe"))


def _is_run(row: dict[str, Any]) -> bool:
    numbers = ("exit_code", "found", "uploaded", "skipped", "failed", "left_over")
    times = _is_time(row["started_at"]) and (row["ended_at"] is None or _is_time(row["ended_at"]))
    return times and all(row[name] is None or _is_number(row[name]) for name in numbers)


def _is_replacement(row: dict[str, Any]) -> bool:
    return _is_time(row["replaced_at"]) and (row["set_aside_at"] is None or isinstance(row["set_aside_at"], str))


def _is_file(row: dict[str, Any]) -> bool:
    numbers = ("device", "inode", "size_bytes", "mtime_ns")
    return _is_name(row["name"]) and all(isinstance(row[name], int) for name in numbers)


def _is_pair(row: dict[str, Any]) -> bool:
    return _is_file(row) and _is_name(row["shown_by"]) and isinstance(row["shown_by_size_bytes"], int)


def _is_delivery(row: dict[str, Any]) -> bool:
    hashes = [row[name] for name in PATTERNS]
    fits = all(re.fullmatch(pattern, str(row[name])) for name, pattern in PATTERNS.items() if row[name] is not None)
    is_sent = row["state"] in {"sending", "uploaded"}
    return (
        row["state"] in STATES
        and fits
        and (not is_sent or None not in hashes)
        and (row["size_bytes"] is None or _is_number(row["size_bytes"]))
        and all(row[name] is None or isinstance(row[name], str) for name in ("remote_id", "url", *FAILURE[:3]))
        and (row["state"] != "uploaded" or isinstance(row["url"], str))
        and _is_number(row["attempts"])
        and isinstance(row["conditions"], str)
        and _is_time(row["changed_at"])
    )


def _is_name(value: object) -> bool:
    return isinstance(value, bytes) and bool(value) and b"/" not in value and b"\0" not in value


def _is_number(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def _is_time(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None


_SOUND: Final[dict[str, Callable[[dict[str, Any]], bool]]] = {
    "folders": _is_folder,
    "photos": _is_photo,
    "targets": _is_target,
    "runs": _is_run,
    "replacements": _is_replacement,
    "files": _is_file,
    "pairs": _is_pair,
    "deliveries": _is_delivery,
}
