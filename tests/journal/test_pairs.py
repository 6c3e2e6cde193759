"""The journal's later tables: pairs, runs, and how older journals come to have them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from photopipe.errors import JournalUnusable, PhotoUnreadable
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.journal.database.schema import SCHEMA, VERSION
from photopipe.photo import DownloadedPhoto, PlannedDelivery, Receipt, SentBytes, Target

TARGET = Target("recipe", "gallery")
SUPPORT = Path(__file__).parents[1] / "support"
COUNTS = {"found": 5, "uploaded": 1, "skipped": 2, "failed": 1, "left_over": 1}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.sqlite")


@pytest.fixture
def journal(path: str) -> Iterator[Journal]:
    journal = Journal(path, [TARGET])
    yield journal
    journal.close()


def pair(name: str = "a", folder: str = "/card") -> tuple[FoundPhoto, FoundPhoto]:
    """A RAW file and the JPEG that shows it."""
    raw = FoundPhoto(f"{folder}/{name}.cr2", 1, 2, 3, 4, 5)
    jpeg = FoundPhoto(f"{folder}/{name}.jpg", 1, 3, 3, 4, 5)
    return raw._replace(companions=(jpeg,), shown_by=jpeg.path), jpeg._replace(companions=(raw,))


def test_a_pair_is_known_while_both_files_look_as_they_did(journal: Journal) -> None:
    raw, jpeg = pair()
    page = journal.sort_page("/card", [raw, jpeg])
    assert (page.paired, page.undone) == ([], [raw, jpeg])
    journal.pairs.record(raw)
    page = journal.sort_page("/card", [raw, jpeg])
    assert (page.paired, page.undone) == ([raw], [jpeg])


def changed(raw: FoundPhoto, jpeg: FoundPhoto) -> Iterator[tuple[FoundPhoto, FoundPhoto]]:
    yield raw._replace(device=9), jpeg
    yield raw._replace(inode=9), jpeg
    yield raw._replace(size_bytes=9), jpeg
    yield raw._replace(mtime_ns=9), jpeg
    for other in (jpeg._replace(size_bytes=9), jpeg._replace(mtime_ns=9)):
        yield raw._replace(companions=(other,)), other
    other = jpeg._replace(path="/card/a.jpeg")
    yield raw._replace(companions=(other,), shown_by=other.path), other
    yield raw._replace(companions=(), shown_by=None), jpeg


def test_when_a_half_has_changed_or_is_another_the_pair_is_looked_at_again(journal: Journal) -> None:
    raw, jpeg = pair()
    journal.pairs.record(raw)
    for new_raw, new_jpeg in changed(raw, jpeg):
        page = journal.sort_page("/card", [new_raw, new_jpeg])
        assert (page.paired, page.undone) == ([], [new_raw, new_jpeg])
    journal.pairs.record(next(changed(raw, jpeg))[0])
    assert journal.sort_page("/card", [raw]).undone == [raw]


def test_pairs_of_other_folders_and_names_that_are_not_text_are_told_apart(journal: Journal) -> None:
    odd, other = pair(os.fsdecode(b"\xff\n"))[0], pair(folder="/other")[0]
    journal.pairs.record(odd)
    journal.pairs.record(other)
    assert journal.sort_page("/card", [odd, pair()[0]]).paired == [odd]


def test_a_half_that_was_uploaded_itself_is_unchanged(journal: Journal) -> None:
    raw, _ = pair()
    journal.pairs.record(raw)
    photo = DownloadedPhoto(raw, "ab" * 32)
    journal.admit(photo)
    journal.uploaded(photo.source_sha256, TARGET, Receipt("7", "http://gallery/7"))
    page = journal.sort_page("/card", [raw])
    assert (page.unchanged, page.paired) == ([raw], [])


def test_a_photo_in_quarantine_shows_nothing(journal: Journal) -> None:
    raw, jpeg = pair()
    journal.pairs.record(raw)
    photo = DownloadedPhoto(jpeg, "ab" * 32)
    for _ in range(3):
        journal.admit(photo)
        journal.failed(photo.source_sha256, [TARGET], "resize", PhotoUnreadable("the file ends early"))
    page = journal.sort_page("/card", [raw, jpeg])
    assert (page.quarantined, page.paired) == ([jpeg], [])
    assert page.undone == [raw._replace(shown_by=None)]


def test_the_last_run_that_succeeded_is_remembered(journal: Journal, path: str) -> None:
    assert journal.runs.last_success() is None
    before = datetime.now(UTC)
    good = journal.runs.start()
    journal.runs.end(good, 0, COUNTS)
    after = datetime.now(UTC)
    journal.runs.end(journal.runs.start(), 3, COUNTS)
    journal.runs.start()  # a run that was killed
    last = journal.runs.last_success()
    assert last is not None
    assert before - timedelta(milliseconds=1) <= last <= after
    rows = journal._database.read("SELECT exit_code, found, uploaded, skipped, failed, left_over FROM runs")
    assert rows == [(0, 5, 1, 2, 1, 1), (3, 5, 1, 2, 1, 1), (None,) * 6]
    dry = Journal(path, [TARGET], read_only=True)
    assert dry.runs.last_success() == last
    with pytest.raises(JournalUnusable):
        dry.runs.start()
    dry.close()


def layout(path: str) -> list[tuple[str, str, str]]:
    """Tables and columns."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c ORDER BY 1, 2"
        ).fetchall()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_journal_is_brought_forward_to_the_layout_of_a_new_one(tmp_path: Path, version: int) -> None:
    old, new = str(tmp_path / "old.sqlite"), str(tmp_path / "new.sqlite")
    for file, script in ((old, (SUPPORT / f"journal_version_{version}.sql").read_text()), (new, SCHEMA)):
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(script)
    dry = Journal(old, [TARGET], read_only=True)
    assert dry.runs.last_success() is None
    dry.close()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    Journal(old, [TARGET]).close()
    assert sorted(layout(old)) == sorted(layout(new))
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_what_a_journal_of_the_second_version_knew_is_still_known(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SUPPORT / "journal_version_2.sql").read_text())
    journal = Journal(path, [TARGET], condition=lambda _name: "300")
    photos = [FoundPhoto(f"/card/{name}.jpg", 10, 20, 30, 1, 5) for name in "abc"]
    page = journal.sort_page("/card", photos)
    assert ([*page.unchanged, *page.quarantined], page.undone) == (photos[:2], photos[2:])
    sent = SentBytes("5" * 64, "1" * 40, "d" * 32, 100)
    assert journal.plan_for("cc" * 32) == (PlannedDelivery(TARGET, is_ambiguous=True, sent=sent),)
    journal.close()
