"""A damaged or lost journal is noticed and replaced, nothing is lost, and nothing is uploaded twice because of it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.damaged_journals import (
    DAMAGES,
    PAGE_BYTES,
    PHOTOS,
    TARGET,
    fill,
    is_uploaded,
    overwrite,
    pages,
    photo,
    record,
)

from photopipe.errors import JournalDamaged, JournalUnusable
from photopipe.journal import Journal, RunLock, run_lock


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a journal as a run leaves it."""
    folder = tmp_path_factory.mktemp("filled")
    fill(folder / "journal.sqlite")
    return folder


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(filled, tmp_path / "state")
    return tmp_path / "state" / "journal.sqlite"


def run_over(path: Path) -> tuple[int, list[str]]:
    """Take every photo through a run; returns how many are known to be uploaded, and what a person is told.

    Whatever is not known to be uploaded must be ambiguous, and what has failed must never count as uploaded.
    """
    known = 0
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        journal.runs.start()
        for number in range(PHOTOS):
            item = photo(number)
            page = journal.sort_page(os.path.dirname(item.found.path), [item.found])
            plan = journal.admit(item).plan
            is_known = not plan
            known += is_known
            assert bool(page.unchanged) <= is_known <= is_uploaded(number)
            assert all(delivery.is_ambiguous for delivery in plan)
        notices = list(journal.take_notices())
    return known, notices


def set_aside(path: Path) -> list[Path]:
    return [one for one in path.parent.glob(f"{path.name}.damaged-*") if not one.name.endswith(("-wal", "-shm"))]


UPLOADED = sum(map(is_uploaded, range(PHOTOS)))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_journal_is_kept_and_everything_that_is_not_known_is_asked_for(
    path: Path, damage: Callable[[Path], None]
) -> None:
    damage(path)
    damaged = path.read_bytes()
    _, (notice,) = run_over(path)
    (kept,) = set_aside(path)
    assert kept.read_bytes() == damaged
    assert str(kept) in notice
    assert run_over(path)[1] == [], "it is said once"


def test_whichever_page_is_overwritten_no_upload_is_forgotten_silently(filled: Path, tmp_path: Path) -> None:
    most = 0
    for page in range(pages(filled / "journal.sqlite")):
        state = tmp_path / str(page)
        shutil.copytree(filled, state)
        path = state / "journal.sqlite"
        overwrite(path, page * PAGE_BYTES, PAGE_BYTES)
        with closing(sqlite3.connect(path)) as connection:
            assert not is_sound(connection), "the damage can be seen"
        # A run that never reads the page has no reason to say anything, and may rely on all the others.
        known, notices = known_and_notices(path)
        assert known == UPLOADED or notices
        most = max(most, known if notices else 0)
    assert most == UPLOADED, "what can be read of a damaged journal is taken over"


def known_and_notices(path: Path) -> tuple[int, list[str]]:
    known = 0
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        for number in range(PHOTOS):
            plan = journal.admit(photo(number)).plan
            known += not plan
            assert is_uploaded(number) or plan
            assert not is_uploaded(number) or not plan or plan[0].is_ambiguous
        return known, list(journal.take_notices())


def is_sound(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def test_a_row_that_its_index_does_not_confirm_is_not_believed(path: Path) -> None:
    """One changed bit, which breaks no page, makes the content of a photo that of another."""
    raw = bytearray(path.read_bytes())
    raw[raw.index(bytes.fromhex(photo(7).source_sha256)) + 3] ^= 1
    path.write_bytes(raw)
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock, is_checked=True)) as journal:
        assert list(journal.take_notices())
        assert journal.admit(photo(7)).plan[0].is_ambiguous
        assert not journal.admit(photo(8)).plan


def test_damage_that_shows_while_a_run_goes_on_is_replaced_under_it(path: Path) -> None:
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        number = journal.runs.start()
        journal.admit(photo(PHOTOS))  # it is on its way meanwhile
        connection = journal._database._connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        DAMAGES["all but the first page"](path)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("PRAGMA shrink_memory")
        record(journal, PHOTOS)
        record(journal, PHOTOS + 5)
        assert len(list(journal.take_notices())) == 1
        journal.runs.end(number, 0, dict.fromkeys(("found", "uploaded", "skipped", "failed", "left_over"), 0))
    assert len(set_aside(path)) == 1
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        assert not journal.admit(photo(PHOTOS)).plan, "what was recorded meanwhile is in the new journal"
        assert journal.admit(photo(1)).plan[0].is_ambiguous


def test_who_does_not_hold_the_lock_says_what_is_wrong_and_changes_nothing(path: Path) -> None:
    DAMAGES["all but the first page"](path)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    for read_only in (True, False):
        with (
            pytest.raises(JournalDamaged, match=r"damaged.*photopipe process.*journal check"),
            closing(Journal(str(path), [TARGET], read_only=read_only)) as journal,
        ):
            journal.admit(photo(1))
    left = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith(("-wal", "-shm"))}
    assert left == before


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 a picture", b"SQLite format 3\0" + b"\xa5" * 9000])
def test_a_file_that_never_was_a_journal_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    for _ in range(2):  # the first leaves a lock behind
        with run_lock(str(path)) as lock, pytest.raises(JournalUnusable, match="not a journal of photopipe"):
            Journal(str(path), [TARGET], lock=lock)
    assert path.read_bytes() == content
    assert {file.name for file in tmp_path.iterdir()} == {"holiday.jpg", "holiday.jpg.lock"}


def test_a_lost_journal_is_noticed_by_the_lock_that_the_last_run_left(path: Path) -> None:
    path.unlink()
    known, (notice,) = run_over(path)
    assert (known, set_aside(path)) == (0, [])
    assert "older than the last run: it was lost" in notice


def test_a_backup_that_is_put_back_is_noticed_and_its_uploads_are_known(path: Path) -> None:
    backup = path.read_bytes()
    assert run_over(path) == (UPLOADED, []), "a sound journal is just used"
    path.write_bytes(backup)
    known, (notice,) = run_over(path)
    assert known == UPLOADED
    assert "put back from a backup" in notice


def killed_run(path: Path) -> None:
    """A run that is killed leaves its last transactions in the log beside the journal."""
    copy = path.parent.with_name("killed")
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        journal._database._connection.execute("PRAGMA wal_autocheckpoint = 0")
        journal.runs.start()
        for number in range(PHOTOS, 2 * PHOTOS):
            record(journal, number)
        shutil.copytree(path.parent, copy)
    shutil.rmtree(path.parent)
    copy.rename(path.parent)
    Path(f"{path}-shm").unlink()


def photos_known(path: Path) -> tuple[int, bool, list[str]]:
    """How many photos of both runs are known, whether the others are ambiguous, and what is said."""
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        plans = [journal.admit(photo(number)).plan for number in range(2 * PHOTOS) if is_uploaded(number)]
        notices = list(journal.take_notices())
    return plans.count(()), all(plan[0].is_ambiguous for plan in plans if plan), notices


def test_a_killed_run_is_no_damage(path: Path) -> None:
    killed_run(path)
    assert photos_known(path) == (2 * UPLOADED, True, [])


def test_a_question_between_a_kill_and_the_next_run_is_no_damage(path: Path) -> None:
    killed_run(path)
    Journal(str(path), [TARGET], read_only=True).close()
    assert photos_known(path) == (2 * UPLOADED, True, [])


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "overwritten in the middle"])
def test_a_log_that_is_damaged_makes_everything_ambiguous_that_it_may_have_said(path: Path, is_gone: bool) -> None:
    killed_run(path)
    log = Path(f"{path}-wal")
    if is_gone:
        log.unlink()
    else:
        overwrite(log, log.stat().st_size // 2, 500)
    known, are_ambiguous, (notice,) = photos_known(path)
    assert UPLOADED <= known < 2 * UPLOADED
    assert are_ambiguous
    assert "has lost its last changes" in notice


def test_the_lock_remembers_what_was_noted_in_it_after_each_write(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.sqlite")
    with run_lock(path) as lock:
        assert (lock.was_journal, lock.last_run, lock.is_open) == (False, None, False)
        lock.note_journal(123456)
    with run_lock(path) as lock:
        assert (lock.was_journal, lock.last_run, lock.is_open) == (True, 123456, True)
        lock.note_closed()
    with run_lock(path) as lock:
        assert isinstance(lock, RunLock)
        assert (lock.was_journal, lock.last_run, lock.is_open) == (True, 123456, False)
