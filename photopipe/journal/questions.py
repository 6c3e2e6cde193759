"""What a person asks a journal: how far everything is, what failed, and what is known of one photo."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

from photopipe.journal.database.database import Database
from photopipe.journal.records import Delivery, FailedDelivery, FileRecord, PairRecord, RunRecord, TargetCounts

RUN_COUNTS: Final = ("found", "uploaded", "skipped", "failed", "left_over")
_DELIVERY: Final = (
    "gallery_id, recipe_id, recipe, state, changed_at, deliveries.sha256, sha1, md5, deliveries.size_bytes, url,"
    " remote_id, stage, reason, message, attempts, conditions"
)
_HAS_FAILED: Final = "(state IN ('failed', 'quarantined') OR (state = 'sending' AND reason IS NOT NULL))"
_IN_DOUBT: Final = "state = 'sending'"


class Questions:
    """Answers from a journal, which is only read: a run may be going on meanwhile.

    Args:
        path: the journal's file; one that is not there is an empty journal.

    Raises:
        JournalUnusable: it cannot be opened, or is not a journal; likewise from every method.
    """

    def __init__(self, path: str) -> None:
        self._database = Database(path, read_only=True)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def counts(self) -> list[TargetCounts]:
        """How many photos are in each state, for every target there ever was, in the order they were first used."""
        states: dict[int, dict[str, int]] = {}
        rows = self._database.read("SELECT target_id, state, count(*) FROM deliveries GROUP BY target_id, state")
        for target_id, state, count in rows:
            states.setdefault(target_id, {})[state] = count
        targets = self._database.read("SELECT id, gallery_id, recipe_id, recipe FROM targets ORDER BY id")
        return [TargetCounts(row[1], row[2], row[3], states.get(row[0], {})) for row in targets]

    def runs(self, most: int) -> list[RunRecord]:
        """The last runs, the latest first.

        Args:
            most: how many.
        """
        columns = ", ".join(RUN_COUNTS)
        rows = self._database.read(
            f"SELECT started_at, ended_at, exit_code, {columns} FROM runs ORDER BY id DESC LIMIT ?",  # noqa: S608 - ours
            (most,),
        )
        return [_run_record(row[0], row[1], row[2], row[3:]) for row in rows]

    def failures(self, *, in_doubt: bool = False) -> Iterator[FailedDelivery]:
        """Deliveries whose last try failed, in the order of their paths, for every path a photo is known by.

        Args:
            in_doubt: those instead of which it is not known whether they arrived.
        """
        statement = (
            f"SELECT path, name, source_sha256, {_DELIVERY} FROM targets"  # noqa: S608 - ours
            " CROSS JOIN deliveries ON target_id = targets.id AND state IN ('failed', 'quarantined', 'sending')"
            " JOIN photos ON photos.id = deliveries.photo_id JOIN files ON files.photo_id = photos.id"
            f" JOIN folders ON folders.id = folder_id WHERE {_IN_DOUBT if in_doubt else _HAS_FAILED}"
            " ORDER BY path, name"
        )
        for folder, name, source_sha256, *delivery in self._database.stream(statement):
            yield FailedDelivery(key_of(folder, name), source_sha256.hex(), Delivery(*delivery))

    def file(self, key: str) -> FileRecord | None:
        """What is recorded under a path.

        Args:
            key: the path as the journal has it, see `Storage.key`.
        """
        rows = self._database.read(
            "SELECT device, inode, size_bytes, mtime_ns, source_sha256 FROM folders"
            " JOIN files ON folder_id = folders.id JOIN photos ON photos.id = photo_id WHERE path = ? AND name = ?",
            _split(key),
        )
        return next((FileRecord(row[0], row[1], row[2], row[3], row[4].hex()) for row in rows), None)

    def pair(self, key: str) -> PairRecord | None:
        """Which file shows the photo at this path, if that was found out; `key` as for `file`."""
        rows = self._database.read(
            "SELECT device, inode, size_bytes, mtime_ns, shown_by, shown_by_size_bytes, shown_by_mtime_ns FROM folders"
            " JOIN pairs ON folder_id = folders.id WHERE path = ? AND name = ?",
            _split(key),
        )
        return PairRecord(rows[0][:4], os.fsdecode(rows[0][4]), rows[0][5:]) if rows else None

    def paths(self, source_sha256: str, most: int) -> list[str]:
        """Paths under which some content was seen, as the journal has them.

        Args:
            source_sha256: hash of the content, hexadecimal.
            most: how many.
        """
        rows = self._database.read(
            "SELECT path, name FROM photos JOIN files ON photo_id = photos.id JOIN folders ON folders.id = folder_id"
            " WHERE source_sha256 = ? LIMIT ?",
            (bytes.fromhex(source_sha256), most),
        )
        return [key_of(*row) for row in rows]

    def deliveries(self, source_sha256: str) -> list[Delivery]:
        """What has become of some content, for each target that it was meant for."""
        rows = self._database.read(
            f"SELECT {_DELIVERY} FROM photos CROSS JOIN targets"  # noqa: S608 - ours
            " JOIN deliveries ON target_id = targets.id AND photo_id = photos.id WHERE source_sha256 = ?"
            " ORDER BY targets.id",
            (bytes.fromhex(source_sha256),),
        )
        return [Delivery(*row) for row in rows]

    def gallery_ids(self) -> list[str]:
        """Every gallery that is known."""
        return [row[0] for row in self._database.read("SELECT DISTINCT gallery_id FROM targets ORDER BY gallery_id")]


def key_of(folder: bytes, name: bytes) -> str:
    """The path of a file, from what the journal has of it."""
    return os.path.join(os.fsdecode(folder), os.fsdecode(name))


def _run_record(started_at: str, ended_at: str | None, exit_code: int | None, counts: Sequence[int]) -> RunRecord:
    return RunRecord(started_at, ended_at, exit_code, dict(zip(RUN_COUNTS, counts, strict=True)) if ended_at else {})


def _split(key: str) -> tuple[Any, ...]:
    return tuple(os.fsencode(part) for part in os.path.split(key))
