"""Journals of every earlier version are brought forward, with everything in them, also if that is interrupted."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from photopipe.journal import Journal
from photopipe.journal.database.schema import VERSION
from photopipe.photo import Target

SUPPORT = Path(__file__).parents[1] / "support"
VERSIONS = range(1, VERSION)
TABLES = ("folders", "photos", "files", "targets", "deliveries", "pairs", "runs")
KILLED_AT = """
import os, signal, sqlite3, sys
from photopipe.journal.database.schema import migrate
connection, last, count = sqlite3.connect(sys.argv[1], isolation_level=None), int(sys.argv[2]), 0
def step(statement):
    global count
    count += 1
    if count == last:
        os.kill(os.getpid(), signal.SIGKILL)
connection.set_trace_callback(step)
migrate(connection)
"""


def make(path: Path, version: int) -> None:
    script = (SUPPORT / f"journal_version_{version}.sql").read_text()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables there are, with the columns that the first version had."""
    with closing(sqlite3.connect(path)) as connection:
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        return {
            table: [row[:3] for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]
            for table in TABLES
            if table in known
        }


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_in_an_older_journal_is_kept(tmp_path: Path, version: int) -> None:
    path = tmp_path / "journal.sqlite"
    make(path, version)
    before = content(path)
    Journal(str(path), [Target("recipe", "gallery")]).close()
    after = content(path)
    assert version_of(path) == VERSION
    assert set(after) == set(TABLES)
    if version == 1:  # of what is in quarantine it was not recorded what that depends on: it is tried again
        before["deliveries"] = [
            (*row[:2], str(row[2]).replace("quarantined", "failed")) for row in before["deliveries"]
        ]
    assert {table: after[table] for table in before} == before


@pytest.mark.campaign
@pytest.mark.parametrize("version", VERSIONS)
def test_a_migration_that_is_killed_at_any_statement_has_not_begun(tmp_path: Path, version: int) -> None:
    for step in range(1, 40):
        path = tmp_path / f"{step}.sqlite"
        make(path, version)
        before = content(path)
        command = [sys.executable, "-c", KILLED_AT, str(path), str(step)]
        killed = subprocess.run(command, env=os.environ, timeout=60, check=False).returncode == -signal.SIGKILL
        assert (version_of(path), content(path)) == (version, before) or not killed
        Journal(str(path), []).close()
        assert version_of(path) == VERSION
        if not killed:
            assert step > 4
            return
    raise AssertionError("it never came to its end")
