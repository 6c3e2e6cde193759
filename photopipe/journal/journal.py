"""The journal of one run: source content x recipe x gallery -> what was sent -> what the gallery answered."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeVar

from photopipe.errors import GalleryRefused, ItemError
from photopipe.found_photo import FoundPhoto
from photopipe.journal.database.database import Database, Durability, closed_on_error, replaced_if_damaged
from photopipe.journal.database.lock import RunLock
from photopipe.journal.leases import Lease, Leases
from photopipe.journal.pairs import Pairs
from photopipe.journal.runs import Runs
from photopipe.photo import DownloadedPhoto, PlannedDelivery, Receipt, Rendition, SentBytes, Target

Result = TypeVar("Result")
FAILURES_TO_QUARANTINE: Final = 3
"""Runs in which the same content must fail for good before it is left out."""


@dataclass(frozen=True, slots=True)
class SortedPage:
    """A page of found photos, sorted by what is to be done.

    Attributes:
        undone: to be worked on.
        unchanged: done, and the file is as it was then.
        quarantined: failed for good, and neither the file nor what the failure depends on has changed.
        paired: shown by another photo, as was found out when both files were as they are now.
    """

    undone: list[FoundPhoto]
    unchanged: list[FoundPhoto] = field(default_factory=list)
    quarantined: list[FoundPhoto] = field(default_factory=list)
    paired: list[FoundPhoto] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Admission:
    """The journal's answer for a photo whose content is known.

    Attributes:
        plan: what is still to be delivered; empty if every gallery has all of it.
        same_as: another path under which this content was seen, if any.
    """

    plan: tuple[PlannedDelivery, ...]
    same_as: str | None


class Journal:
    """Everything recorded for some targets; safe to use from all threads.

    Rows move found -> rendered -> sending -> uploaded, or to failed and, after repeated permanent
    failure, quarantined. *uploaded* is written only after the gallery's answer. *sending* is on the
    disk, power cut or not, before the first byte leaves, so a delivery whose answer is lost is always
    known to be ambiguous; losing another state in a power cut only means that work is done again.

    Args:
        path: the journal's file.
        targets: each recipe for each gallery of this run.
        recipes: what makes the recipes (JSON), by their ids; kept so that a person can be told.
        condition: gives the value in this run of something that failures may depend on, by its name in
            `ItemError.depends_on`; called only when that is needed.
        read_only: for a dry run: nothing is written, not even the file.
        lock: the run's lock. Only with it a damaged file is replaced; everyone else is told that it is damaged.
        is_checked: whether all of the file is read first, and replaced if it is damaged anywhere; needs `lock`.

    Attributes:
        path: the journal's file.
        pairs: photos that others show.
        runs: when there were runs, and how they ended.
        leases: which worker of a cluster may be sending what.

    Raises:
        JournalUnusable: the file cannot be opened or is not a journal.
        DiskFull: likewise from every method.
    """

    def __init__(
        self,
        path: str,
        targets: Sequence[Target],
        *,
        recipes: Mapping[str, str] = MappingProxyType({}),
        condition: Callable[[str], str] = str,
        read_only: bool = False,
        lock: RunLock | None = None,
        is_checked: bool = False,
    ) -> None:
        self.path = path
        self._recipes = recipes
        self._database = Database(path, read_only=read_only, lock=lock, is_checked=is_checked)
        self.pairs = Pairs(self._database)
        self.runs = Runs(self._database)
        self.leases = Leases(self._database)
        self._condition = condition
        with closed_on_error(self._database):
            self._targets = self._numbered(targets, is_written=not read_only)
        self._target_list = json.dumps(list(self._targets.values()))
        self._target_of = {number: target for target, number in self._targets.items()}
        self._database.on_replaced = self._keep_targets

    @replaced_if_damaged
    def _numbered(self, targets: Sequence[Target], *, is_written: bool) -> dict[Target, int]:
        """The targets with their numbers; if they may be written, each has one."""
        self._database.compare_with_lock()
        if is_written:
            with self._database.write() as connection:
                connection.executemany(
                    "INSERT INTO targets (recipe_id, gallery_id, recipe) VALUES (?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET recipe = excluded.recipe WHERE recipe = ''",
                    [(*target, self._recipes.get(target.recipe_id, "")) for target in targets],
                )
        rows = self._database.read("SELECT recipe_id, gallery_id, id FROM targets")
        known = {Target(recipe_id, gallery_id): number for recipe_id, gallery_id, number in rows}
        return {target: known.get(target, 0) for target in targets}

    def _keep_targets(self, connection: sqlite3.Connection) -> None:
        """Give the targets, in the file that replaces a damaged one, the numbers that they have here."""
        connection.executemany(
            "INSERT OR IGNORE INTO targets (id, recipe_id, gallery_id, recipe) VALUES (?, ?, ?, ?)",
            [(number, *target, self._recipes.get(target.recipe_id, "")) for target, number in self._targets.items()],
        )

    def take_notices(self) -> Iterator[str]:
        """What a person should know of the journal itself, a sentence at a time; each is given once."""
        while self._database.notices:
            yield self._database.notices.popleft()

    def note_incomplete(self) -> None:
        """Record that there may be uploads that this journal does not know of; the galleries are asked for them."""
        if not self._database.is_replacement:
            self._database.note_incomplete()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @replaced_if_damaged
    def in_one_transaction(self, work: Callable[[], Result], durability: Durability = "NORMAL") -> Result:
        """Do some work with the journal in one transaction, which is synced once; no other thread writes meanwhile.

        Args:
            work: done again, if the journal's file is found to be damaged and is replaced.
            durability: of all that it writes; `FULL` if the power may be cut.
        """
        with self._database.grouped(durability):
            return work()

    @replaced_if_damaged
    def sort_page(self, folder: str, photos: list[FoundPhoto]) -> SortedPage:
        """Find out, without opening any file, which photos of one folder are to be worked on.

        Args:
            folder: absolute path or address of the folder they are all in.
            photos: in name order, not empty; all have the same storage.
        """
        start = len(os.path.join(folder, ""))
        names = [os.fsencode(photo.path[start:]) for photo in photos]
        states = self._known_files(photos[0].storage.key(folder), min(names), max(names))
        page = SortedPage([])
        lists = {None: page.undone, "uploaded": page.unchanged, "quarantined": page.quarantined}
        if states:
            for name, photo in zip(names, photos, strict=True):
                lists[states.get((name, photo.device, photo.inode, photo.size_bytes, photo.mtime_ns))].append(photo)
        else:
            page.undone.extend(photos)
        if any(photo.shown_by for photo in page.undone):
            self._sort_pairs(page)
        return page

    def _sort_pairs(self, page: SortedPage) -> None:
        """Find known pairs among the photos to be worked on; what is in quarantine shows nothing."""
        failed = {photo.path for photo in page.quarantined}
        undone = [photo._replace(shown_by=None) if photo.shown_by in failed else photo for photo in page.undone]
        known = self.pairs.known([photo for photo in undone if photo.shown_by])
        page.undone[:] = [photo for photo in undone if photo.path not in known]
        page.paired.extend(photo for photo in undone if photo.path in known)

    def _known_files(self, folder: str, first: bytes, last: bytes) -> dict[tuple[bytes, int, int, int, int], str]:
        """Files that need no work: how each looked then, and its state."""
        page = (os.fsencode(folder), first, last, self._target_list)
        rows = self._database.read(
            "SELECT name, device, inode, files.size_bytes, mtime_ns, min(state)"  # one in quarantine is enough
            f"{_PAGE} AND state IN ('uploaded', 'quarantined') GROUP BY name HAVING count(*) = ?",
            (*page, len(self._targets)),
        )
        known = {row[:5]: row[5] for row in rows}
        if "quarantined" not in known.values():
            return known
        to_try_again = self._to_try_again(page)
        return {identity: state for identity, state in known.items() if identity[0] not in to_try_again}

    def _to_try_again(self, page: tuple[bytes, bytes, bytes, str]) -> set[bytes]:
        """Names of files in quarantine for something that has changed."""
        rows = self._database.read(f"SELECT name, conditions{_PAGE} AND state = 'quarantined'", page)
        return {name for name, conditions in rows if not self._still_holds(conditions)}

    @replaced_if_damaged
    def admit(self, photo: DownloadedPhoto) -> Admission:
        """Record a photo's content under its path, and return what is known of the content."""
        with self._database.write() as connection:
            photo_id = _record_photo(connection, photo.source_sha256)
            same_as = _first_other_path(connection, photo_id, _key_of(photo.found))
            _record_file(connection, photo.found, photo_id)
            connection.executemany(
                "INSERT OR IGNORE INTO deliveries (target_id, photo_id, state) VALUES (?, ?, 'found')",
                [(target_id, photo_id) for target_id in self._targets.values()],
            )
            plan = self._plan(connection, photo_id)
        return Admission(plan, same_as)

    @replaced_if_damaged
    def plan_for(self, source_sha256: str) -> tuple[PlannedDelivery, ...]:
        """What is still to be delivered of some content; nothing is recorded."""
        with self._database.reading() as connection:
            known = connection.execute(
                "SELECT id FROM photos WHERE source_sha256 = ?", (bytes.fromhex(source_sha256),)
            ).fetchone()
            return self._plan(connection, known[0] if known else 0)

    def _plan(self, connection: sqlite3.Connection, photo_id: int) -> tuple[PlannedDelivery, ...]:
        rows = connection.execute(
            "SELECT target_id, state, sha256, sha1, md5, size_bytes FROM deliveries"
            " WHERE photo_id = ? AND target_id IN (SELECT value FROM json_each(?))",
            (photo_id, self._target_list),
        )
        known = {self._target_of[row[0]]: row[1:] for row in rows}
        is_incomplete = self._database.is_replacement
        planned = (_planned(target, known.get(target), is_incomplete=is_incomplete) for target in self._targets)
        return tuple(delivery for delivery in planned if delivery is not None)

    @replaced_if_damaged
    def rendered(self, source_sha256: str, made: Sequence[tuple[Target, Rendition]]) -> None:
        """Record what a photo became; an ambiguous row keeps what was sent then."""
        change = "state = 'rendered'" + _BYTES
        with self._database.write() as connection:
            for target, rendition in made:
                self._update(
                    connection, source_sha256, target, change, _bytes_of(rendition), only_if="state <> 'sending'"
                )

    @replaced_if_damaged
    def sending(self, source_sha256: str, target: Target, rendition: Rendition) -> None:
        """Record, through to the disk, that the first byte is about to leave."""
        with self._database.write("FULL") as connection:
            self._update(connection, source_sha256, target, "state = 'sending'" + _BYTES, _bytes_of(rendition))

    @replaced_if_damaged
    def lease(self, source_sha256: str, targets: Sequence[Target], lease: Lease) -> None:
        """Record that a worker of a cluster is about to make and send a photo; the caller's transaction is `FULL`.

        What it sends is known when it has answered. An ambiguous row keeps what was sent before.
        """
        change = "state = 'sending'" + ", ".join(
            ["", *(f"{name} = iif(state = 'sending', {name}, NULL)" for name in _HASHES)]
        )
        with self._database.write() as connection:
            for target in targets:
                self._update(connection, source_sha256, target, change, ())
            self.leases.record(connection, source_sha256, lease)

    @replaced_if_damaged
    def uploaded(
        self, source_sha256: str, target: Target, receipt: Receipt, rendition: Rendition | None = None
    ) -> None:
        """Record the gallery's answer.

        Args:
            source_sha256: the photo's content.
            target: which rendition, and which gallery.
            receipt: the answer.
            rendition: what was sent, if that was not recorded before.
        """
        change = (
            "state = 'uploaded', remote_id = ?, url = ?, stage = NULL, reason = NULL, message = NULL, conditions = ''"
        )
        values: tuple[object, ...] = (receipt.remote_id, receipt.url)
        if rendition is not None:
            change, values = change + _BYTES, (*values, *_bytes_of(rendition))
        with self._database.write() as connection:
            self._update(connection, source_sha256, target, change, values)

    @replaced_if_damaged
    def failed(self, source_sha256: str, targets: Sequence[Target], stage: str, error: ItemError) -> None:
        """Record a failure; the third permanent one quarantines the content.

        An ambiguous row stays so unless the gallery itself has refused the photo. Failures are counted as
        long as what they depend on stays the same.
        """
        conditions = self._conditions_now(error.depends_on)
        values = (
            *(conditions, conditions, stage, error.reason, str(error)),
            *(isinstance(error, GalleryRefused), error.permanent, conditions, FAILURES_TO_QUARANTINE),
        )
        with self._database.write() as connection:
            for target in targets:
                self._update(connection, source_sha256, target, _FAILED, values)

    def _update(
        self,
        connection: sqlite3.Connection,
        source_sha256: str,
        target: Target,
        change: str,
        values: tuple[object, ...],
        *,
        only_if: str = "true",
    ) -> None:
        """Change a row; if it was lost with a damaged file, it is made again."""
        row = self._targets[target], bytes.fromhex(source_sha256)
        statement = (
            f"UPDATE deliveries SET {change}, changed_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"  # noqa: S608 - ours
            f" WHERE target_id = ? AND photo_id = (SELECT id FROM photos WHERE source_sha256 = ?) AND {only_if}"
        )
        if connection.execute(statement, (*values, *row)).rowcount == 0 and self._database.replacements:
            photo_id = _record_photo(connection, source_sha256)
            connection.execute(
                "INSERT OR IGNORE INTO deliveries (target_id, photo_id, state) VALUES (?, ?, 'found')",
                (row[0], photo_id),
            )
            connection.execute(statement, (*values, *row))

    def _still_holds(self, conditions: str) -> bool:
        """True if what a failure depends on is as it was then."""
        return not conditions or conditions == self._conditions_now(json.loads(conditions))

    def _conditions_now(self, names: Iterable[str]) -> str:
        """What a failure depends on as it is in this run; empty if it depends on nothing but the photo."""
        now = {name: self._condition(name) for name in names}
        return json.dumps(now, sort_keys=True) if now else ""


_PAGE: Final = (
    " FROM folders JOIN files ON files.folder_id = folders.id JOIN deliveries USING (photo_id)"
    " WHERE folders.path = ? AND name BETWEEN ? AND ? AND target_id IN (SELECT value FROM json_each(?))"
)
_HASHES: Final = ("sha256", "sha1", "md5", "size_bytes")
_BYTES: Final = "".join(f", {name} = ?" for name in _HASHES)


_FAILED: Final = (
    "attempts = CASE WHEN conditions IS ? THEN attempts + 1 ELSE 1 END, conditions = ?,"
    " stage = ?, reason = ?, message = ?, state = CASE"
    " WHEN state = 'sending' AND NOT ? THEN state"
    " WHEN ? AND conditions IS ? AND attempts + 1 >= ? THEN 'quarantined' ELSE 'failed' END"
)
"""SQLite reads all columns as they were before the change."""


def _planned(target: Target, known: tuple[Any, ...] | None, *, is_incomplete: bool) -> PlannedDelivery | None:
    """What is planned for a target, from its row if there is one; None if nothing is left to do.

    If the journal does not know of everything that was uploaded, all that is not uploaded is ambiguous: a row may be
    from before an upload that was lost.
    """
    state, *sent = known or ("found",)
    if state == "uploaded":
        return None
    is_forgotten = is_incomplete and state != "sending"
    is_ambiguous = state == "sending" or is_incomplete
    known_bytes = SentBytes(*sent) if is_ambiguous and None not in sent else None
    return PlannedDelivery(target, is_ambiguous, known_bytes, is_forgotten)


def _bytes_of(rendition: Rendition) -> tuple[object, ...]:
    return rendition.sha256, rendition.sha1, rendition.md5, rendition.size_bytes


def _record_photo(connection: sqlite3.Connection, source_sha256: str) -> int:
    content = (bytes.fromhex(source_sha256),)
    connection.execute("INSERT OR IGNORE INTO photos (source_sha256) VALUES (?)", content)
    photo_id: int = connection.execute("SELECT id FROM photos WHERE source_sha256 = ?", content).fetchone()[0]
    return photo_id


def _key_of(found: FoundPhoto) -> tuple[str, str]:
    """The folder and the name under which a photo is recorded; `sort_page` looks for it there."""
    folder, name = os.path.split(found.path)
    return found.storage.key(folder), name


def _record_file(connection: sqlite3.Connection, found: FoundPhoto, photo_id: int) -> None:
    folder, name = (os.fsencode(part) for part in _key_of(found))
    connection.execute("INSERT OR IGNORE INTO folders (path) VALUES (?)", (folder,))
    connection.execute(
        "INSERT OR REPLACE INTO files (folder_id, name, device, inode, size_bytes, mtime_ns, photo_id)"
        " VALUES ((SELECT id FROM folders WHERE path = ?), ?, ?, ?, ?, ?, ?)",
        (folder, name, found.device, found.inode, found.size_bytes, found.mtime_ns, photo_id),
    )


def _first_other_path(connection: sqlite3.Connection, photo_id: int, own: tuple[str, str]) -> str | None:
    rows = connection.execute(
        "SELECT path, name FROM files JOIN folders ON folders.id = folder_id WHERE photo_id = ?", (photo_id,)
    )
    known = ((os.fsdecode(folder), os.fsdecode(name)) for folder, name in rows)
    return next((os.path.join(*other) for other in known if other != own), None)
