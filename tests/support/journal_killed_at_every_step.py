"""Kill the replacement of a damaged journal, or a backup, at every single step; then an undisturbed call completes it.

    python journal_killed_at_every_step.py replacement|backup FOLDER

Steps are each opening, renaming, removing and syncing of a file, and each statement of SQLite that writes the new one.
Prints their number.
"""

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.damaged_journals import PHOTOS, TARGET, fill, is_uploaded, overwrite, photo
from support.killed_at_every_step import run_to

from photopipe.journal import Journal, back_up, run_lock


def replacement(folder: Path) -> int:
    """A damaged journal is as it was or replaced; its bytes are never lost, and no upload is forgotten silently."""
    fill(folder / "sound")
    whole = (folder / "sound").read_bytes()
    overwrite(folder / "sound", 2 * 4096, 4096)
    damaged = (folder / "sound").read_bytes()
    lock = (folder / "sound.lock").read_bytes()
    assert damaged != whole
    return every_step(folder, lambda state: start_over(state, damaged, lock), use, lambda state: check(state, damaged))


def start_over(state: Path, damaged: bytes, lock: bytes) -> None:
    (state / "journal.sqlite").write_bytes(damaged)
    (state / "journal.sqlite.lock").write_bytes(lock)


def use(state: Path) -> None:
    """What a run does first; the full check finds the damage wherever it is."""
    path = str(state / "journal.sqlite")
    with run_lock(path) as lock, closing(Journal(path, [TARGET], lock=lock, is_checked=True)) as journal:
        for number in range(PHOTOS):
            plan = journal.admit(photo(number)).plan
            assert not plan or plan[0].is_ambiguous
            assert plan or is_uploaded(number)


def check(state: Path, damaged: bytes) -> None:
    assert damaged in [path.read_bytes() for path in state.iterdir()], "the damaged journal is gone"


def backup(folder: Path) -> int:
    """A backup has its name only when it is complete; an earlier one stays until then."""
    journal = folder / "journal.sqlite"
    fill(journal)

    def act(state: Path) -> None:
        back_up(str(journal), str(state / "backup"), replaces=True)

    def prepare(state: Path) -> None:
        with closing(sqlite3.connect(journal)) as source, closing(sqlite3.connect(state / "backup")) as copy:
            source.backup(copy)

    def whole(state: Path) -> None:
        with closing(sqlite3.connect(f"file:{state / 'backup'}?mode=ro", uri=True)) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) FROM photos").fetchone() == (PHOTOS,)

    return every_step(folder, prepare, act, whole)


def every_step(
    folder: Path, prepare: Callable[[Path], None], act: Callable[[Path], None], check: Callable[[Path], None]
) -> int:
    step = 0
    while True:
        step += 1
        state = folder / "state"
        shutil.rmtree(state, ignore_errors=True)
        state.mkdir()
        prepare(state)
        was_killed = run_to(step, partial(act, state))
        check(state)
        act(state)
        check(state)
        left = {path.name for path in state.iterdir() if ".partial" in path.name or path.name.endswith(".replacement")}
        assert left == set(), (step, left)
        if not was_killed:
            return step - 1


def count_statements() -> None:
    """Make each statement of a new connection that writes a step, too: it announces itself by a signal to nobody."""
    connect = sqlite3.connect

    def traced(*arguments: object, **named: object) -> sqlite3.Connection:
        connection = connect(*arguments, **named)  # type: ignore[call-overload]
        if "partial" in str(arguments[0]):
            connection.set_trace_callback(lambda _statement: os.fsync(null))
        return connection  # type: ignore[no-any-return]

    null = os.open(os.devnull, os.O_WRONLY)
    os.fsync = ignoring(os.fsync, null)  # type: ignore[assignment]
    sqlite3.connect = traced  # type: ignore[assignment]


def ignoring(real: Callable[[int], None], null: int) -> Callable[[int], None]:
    return lambda descriptor: None if descriptor == null else real(descriptor)


if __name__ == "__main__":
    signal.alarm(300)
    count_statements()
    print({"replacement": replacement, "backup": backup}[sys.argv[1]](Path(sys.argv[2])))
