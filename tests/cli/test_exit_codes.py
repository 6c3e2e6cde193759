"""Each exit code, by the real command; and what a script sees of the lock and of a quiet run."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import Home, Result
from support.deadline import DEADLINE_S, until
from support.fault_gallery import HANG, FaultGallery, status

from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.journal import run_lock


def everything_done(home: Home, card: Path) -> Result:
    return home.run("process", str(card), "--size", "32")


def unusable_journal(home: Home, card: Path) -> Result:
    return home.run("process", str(card), "--journal", str(card))


def wrong_option(home: Home, card: Path) -> Result:
    return home.run("process", str(card), "--no-such-option")


def broken_photo(home: Home, card: Path) -> Result:
    (card / "BROKEN.JPG").write_bytes(b"\xff\xd8\xff and no more")
    return home.run("process", str(card), "--size", "32")


def dead_gallery(home: Home, card: Path) -> Result:
    return home.run("process", str(card), "--to", "http://127.0.0.1:9/x", "--retry-for", "0s")


def reached_limit(home: Home, card: Path) -> Result:
    return home.run("process", str(card), "--size", "32", "--max-photos", "1")


def held_lock(home: Home, card: Path) -> Result:
    home.journal.parent.mkdir(parents=True)
    with run_lock(str(home.journal)):
        return home.run("process", str(card))


def refused_login(home: Home, card: Path) -> Result:
    with FaultGallery(lambda _number: status(401)) as gallery:
        return home.run("process", str(card), "--to", gallery.url)


def missing_source(home: Home, card: Path) -> Result:
    return home.run("process", str(card / "nowhere"))


def after_signal(number: int) -> Callable[[Home, Path], Result]:
    def signalled(home: Home, card: Path) -> Result:
        with FaultGallery([HANG]) as gallery, home.start("process", str(card), "--to", gallery.url) as process:
            until(lambda: len(gallery.posts) >= 1)
            process.send_signal(number)
            until(lambda: b"Stopping" in os.read(process.stderr.fileno(), 1000))  # type: ignore[union-attr] # a pipe
            process.send_signal(number)
            return Result(process.wait(DEADLINE_S), "", "")

    return signalled


CASES: dict[int, Callable[[Home, Path], Result]] = {
    0: everything_done,
    1: unusable_journal,
    2: wrong_option,
    3: broken_photo,
    5: dead_gallery,
    10: reached_limit,
    11: held_lock,
    12: refused_login,
    13: missing_source,
    130: after_signal(signal.SIGINT),
    143: after_signal(signal.SIGTERM),
}


@pytest.mark.parametrize("code", CASES)
def test_the_command_ends_with_the_code_that_the_page_promises(home: Home, card: Path, code: int) -> None:
    assert CASES[code](home, card).code == code


def test_no_code_is_left_out() -> None:
    assert set(CASES) == {int(code) for code in ExitCode}


def test_a_run_that_waits_for_another_begins_when_that_ends(home: Home, card: Path) -> None:
    home.journal.parent.mkdir(parents=True)
    with run_lock(str(home.journal)):
        waiting = home.start("process", "-q", str(card), "--size", "32", "--lock-wait", "30s")
        until(lambda: has_opened(waiting.pid, f"{home.journal}.lock"))
        assert waiting.poll() is None
    out, err = waiting.communicate(timeout=DEADLINE_S)
    assert (waiting.returncode, out.count(b"\n"), err) == (0, 5, b"")


def test_a_signal_ends_the_wait_for_another_run_at_once(home: Home, card: Path) -> None:
    home.journal.parent.mkdir(parents=True)
    with run_lock(str(home.journal)), home.start("process", str(card), "--lock-wait", "1h") as waiting:
        until(lambda: has_opened(waiting.pid, f"{home.journal}.lock"))
        waiting.terminate()
        assert waiting.wait(DEADLINE_S) == -signal.SIGTERM  # which a shell calls 143
    assert not home.journal.exists()


def test_who_holds_the_lock_is_said_after_the_wait(home: Home, card: Path) -> None:
    home.journal.parent.mkdir(parents=True)
    with run_lock(str(home.journal)):
        result = home.run("process", "-q", str(card), "--lock-wait", "0.1s")
    assert (result.code, f"process {os.getpid()}" in result.err) == (11, True)


def has_opened(process: int, path: str) -> bool:
    descriptors = Path(f"/proc/{process}/fd")
    try:
        return path in [os.readlink(descriptor) for descriptor in descriptors.iterdir()]
    except OSError:  # one was closed meanwhile
        return False


def test_a_quiet_run_writes_no_byte_to_stderr_if_all_is_well(home: Home, card: Path) -> None:
    command = ["process", "-q", str(card), "--size", "32"]
    assert home.run(*command, "--dry-run").err == ""
    uploads = home.run(*command)
    assert (uploads.code, uploads.err, len(uploads.lines)) == (0, "", 5)
    nothing_to_do = home.run(*command)
    assert (nothing_to_do.code, nothing_to_do.err, nothing_to_do.out) == (0, "", "")
    limit = home.run("process", "-q", str(card), "--size", "16", "--max-photos", "2")
    assert (limit.code, limit.err) == (10, "")
