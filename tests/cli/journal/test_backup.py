"""`photopipe journal backup`: a copy that is complete, and never in the place of something else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.command import Home
from support.damaged_journals import PAGE_BYTES, TARGET, fill, overwrite, photo, record

from photopipe.journal import Journal, run_lock


@pytest.fixture
def journal(home: Home) -> Path:
    """A sound journal in its usual place."""
    home.journal.parent.mkdir(parents=True)
    fill(home.journal, 30)
    return home.journal


def photos_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("SELECT count(*) FROM photos").fetchone()[0])


def test_a_copy_is_made_while_a_run_goes_on_and_has_what_was_recorded_until_then(
    home: Home, journal: Path, tmp_path: Path
) -> None:
    with run_lock(str(journal)) as lock, closing(Journal(str(journal), [TARGET], lock=lock)) as run:
        record(run, 30)
        result = home.run("journal", "backup", str(tmp_path / "copy"))
        record(run, 31)
    assert (result.code, result.out) == (0, "")
    assert "copied and checked" in result.err
    assert photos_in(tmp_path / "copy") == 31
    assert {path.name for path in tmp_path.iterdir()} == {"home", "copy"}, "one file that needs no other"


def test_a_copy_can_take_the_journals_place(home: Home, journal: Path, tmp_path: Path) -> None:
    assert home.run("journal", "backup", "-q", str(tmp_path / "copy")).err == ""
    (tmp_path / "copy").replace(journal)
    with closing(Journal(str(journal), [TARGET])) as run:
        assert not run.admit(photo(1)).plan


def test_a_name_that_is_taken_is_refused_unless_an_earlier_copy_is_to_be_replaced(
    home: Home, journal: Path, tmp_path: Path
) -> None:
    copy, letter = tmp_path / "copy", tmp_path / "letter.txt"
    letter.write_text("dear diary")
    assert home.run("journal", "backup", str(copy)).code == 0
    again, forced = (home.run("journal", "backup", str(copy), *options) for options in ([], ["--force"]))
    assert (again.code, forced.code) == (2, 0)
    assert "--force" in again.err
    for other in (letter, journal):
        assert home.run("journal", "backup", str(other), "--force").code == 2
    assert letter.read_text() == "dear diary"
    assert photos_in(journal) == 30


def test_of_a_damaged_journal_no_copy_is_made_and_the_earlier_one_stays(
    home: Home, journal: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    assert home.run("journal", "backup", str(copy)).code == 0
    overwrite(journal, 3 * PAGE_BYTES, PAGE_BYTES)
    result = home.run("journal", "backup", str(copy), "--force")
    assert result.code == 1
    assert "damaged" in result.err
    assert photos_in(copy) == 30
    assert {path.name for path in tmp_path.iterdir()} == {"home", "copy"}


def test_a_place_that_cannot_be_written_says_so(home: Home, journal: Path) -> None:
    result = home.run("journal", "backup", "/proc/copy")
    assert result.code == 1
    assert "/proc/copy: the backup cannot be written" in result.err


def test_a_folder_that_is_not_there_is_not_made_since_a_disk_may_be_missing(home: Home, journal: Path) -> None:
    result = home.run("journal", "backup", "/nowhere/copy")
    assert result.code == 2
    assert "/nowhere: there is no such folder" in result.err
