"""Which file may become a journal, which is one, and that nobody else's database is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photopipe.errors import JournalUnusable
from photopipe.journal import Journal
from photopipe.journal.database.schema import APPLICATION_ID
from photopipe.photo import Target

TARGET = Target("recipe", "gallery")
FIRST = (Path(__file__).parents[1] / "support" / "journal_version_1.sql").read_text()
"""Makes a journal as the first version of its schema had it."""
FOREIGN = {
    "a table of its own": "CREATE TABLE bookmarks (url TEXT)",
    "no table yet, but an application id": "PRAGMA application_id = 7",
    "no table yet, but a version": "PRAGMA user_version = 1",
    "a version and a table like ours": "PRAGMA user_version = 1; CREATE TABLE photos (id INTEGER)",
    "our tables and one more": f"{FIRST} CREATE TABLE more (id INTEGER);",
    "our tables under another application id": f"{FIRST} PRAGMA application_id = 7;",
}


def write(path: Path, script: str) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path.read_bytes()


def application_id(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA application_id").fetchone()[0])


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("script", FOREIGN.values(), ids=FOREIGN)
def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, script: str, read_only: bool
) -> None:
    path = tmp_path / "other.sqlite"
    before = write(path, script)
    with pytest.raises(JournalUnusable, match=r"another program.*--journal"):
        Journal(str(path), [TARGET], read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", None], ids=["empty file", "database without tables"])
def test_an_empty_file_becomes_a_journal_but_not_in_a_dry_run(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(content) if content is not None else write(path, "VACUUM")
    before = path.read_bytes()
    Journal(str(path), [TARGET], read_only=True).close()
    assert ([file.name for file in tmp_path.iterdir()], path.read_bytes()) == (["journal.sqlite"], before)
    Journal(str(path), [TARGET]).close()
    assert application_id(path) == APPLICATION_ID


def test_a_journal_from_before_application_ids_is_taken_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    before = write(path, FIRST)
    Journal(str(path), [TARGET], read_only=True).close()
    assert path.read_bytes() == before
    Journal(str(path), [TARGET]).close()
    assert application_id(path) == APPLICATION_ID
    Journal(str(path), [TARGET]).close()
