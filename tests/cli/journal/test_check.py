"""`photopipe journal check`: what is said of a journal, and that nothing is changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.command import Home
from support.damaged_journals import DAMAGES, PAGE_BYTES, fill, overwrite, pages


@pytest.fixture
def journal(home: Home) -> Path:
    """A sound journal in its usual place."""
    home.journal.parent.mkdir(parents=True)
    fill(home.journal, 30)
    return home.journal


def change(journal: Path, statement: str) -> None:
    with closing(sqlite3.connect(journal)) as connection:
        connection.executescript(statement)


def test_a_sound_journal_is_in_order(home: Home, journal: Path) -> None:
    result = home.run("journal", "check")
    assert (result.code, result.out) == (0, "")
    assert "the journal is in order" in result.err


@pytest.mark.parametrize("damage", ["cut in half", "every fourth page"])
def test_damage_is_named_with_what_to_do_and_nothing_is_changed(home: Home, journal: Path, damage: str) -> None:
    DAMAGES[damage](journal)
    before = journal.read_bytes()
    result = home.run("journal", "check")
    assert result.code == 1
    assert result.lines
    assert all("`photopipe journal rebuild`" in line for line in result.lines)
    assert journal.read_bytes() == before
    assert not list(journal.parent.glob("*damaged*"))


def test_every_page_that_is_overwritten_is_found(home: Home, journal: Path) -> None:
    whole = journal.read_bytes()
    for page in range(1, pages(journal), 3):
        journal.write_bytes(whole)
        overwrite(journal, page * PAGE_BYTES, PAGE_BYTES)
        assert home.run("journal", "check").code == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE deliveries SET url = NULL WHERE state = 'uploaded'", "without the address that the gallery gave: 24"),
        ("UPDATE deliveries SET sha1 = '5' WHERE state = 'uploaded'", "not recorded what was sent: 24"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM photos WHERE id = 3", "belong to nothing"),
        ("UPDATE photos SET source_sha256 = x'05' WHERE id = 3", "not known by a SHA-256: 1"),
        ("UPDATE runs SET ended_at = '1999-01-01T00:00:00Z'", "ended before they began: 1"),
    ],
)
def test_what_no_run_records_is_found(home: Home, journal: Path, statement: str, said: str) -> None:
    change(journal, statement)
    result = home.run("journal", "check")
    assert result.code == 1
    assert said in result.out


def test_a_journal_that_is_gone_is_told_from_one_that_never_was(home: Home, journal: Path) -> None:
    journal.unlink()
    gone, never = home.run("journal", "check"), home.run("journal", "check", "--journal", "/nowhere/journal.sqlite")
    assert (gone.code, never.code) == (1, 1)
    assert "the journal is gone" in gone.out
    assert "there is no journal" in never.err


def test_a_database_of_another_program_is_refused(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "bookmarks.sqlite"
    change(other, "CREATE TABLE bookmarks (url TEXT)")
    before = other.read_bytes()
    result = home.run("journal", "check", "--journal", str(other))
    assert (result.code, other.read_bytes()) == (1, before)
    assert "belongs to another program" in result.err
