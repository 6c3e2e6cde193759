"""On a real (pseudo-)terminal: a line that moves, and a Ctrl-C typed by hand."""

import os
import pty
import select
import signal
import sys
import termios
import time
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S
from support.pictures import make_jpeg


class Terminal:
    """A command whose stderr and input are a terminal, and whose stdout is a file."""

    def __init__(self, home: Home, stdout: Path, *arguments: str) -> None:
        self.screen = b""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            termios.tcsetwinsize(2, (25, 120))
            os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT), 1)
            command = [sys.executable, "-m", "photopipe", *arguments]
            os.execve(sys.executable, command, home.environment({"TERM": "xterm"}))  # noqa: S606 - no shell wanted

    def until(self, text: bytes) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while text not in self.screen:
            assert time.monotonic() < deadline, f"{text!r} was never shown: {self.screen[-500:]!r}"
            self._read(0.1)

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def end(self) -> int:
        deadline = time.monotonic() + DEADLINE_S
        while self._read(0.1):
            assert time.monotonic() < deadline, "it never ended"
        _, status = os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read(self, timeout_s: float) -> bool:
        readable, _, _ = select.select([self._terminal], [], [], timeout_s)
        if readable:
            try:
                self.screen += os.read(self._terminal, 65_536)
            except OSError:  # the other end is closed
                return False
        return True


@pytest.fixture
def urls(tmp_path: Path) -> Path:
    return tmp_path / "urls.txt"


@pytest.fixture
def slow_card(tmp_path: Path) -> Path:
    """Thirty photos that take a while."""
    (tmp_path / "card").mkdir()
    for number in range(30):
        make_jpeg(tmp_path / "card" / f"IMG_{number:04}.JPG", (1600, 1200), seed=number)
    return tmp_path / "card"


def test_progress_moves_on_the_terminal_and_leaves_the_account(home: Home, slow_card: Path, urls: Path) -> None:
    terminal = Terminal(home, urls, "process", str(slow_card))
    terminal.until(b" in work")
    assert terminal.end() == 0
    assert b" waiting" in terminal.screen
    assert b"30 photos found: 30 uploaded" in terminal.screen.splitlines()[-2]
    assert len(urls.read_text().splitlines()) == 30


def test_quiet_has_no_progress_on_a_terminal_either(home: Home, card: Path, urls: Path) -> None:
    terminal = Terminal(home, urls, "process", "-q", str(card))
    assert terminal.end() == 0
    assert terminal.screen == b""


def test_ctrl_c_typed_by_hand_finishes_the_line_and_spares_the_gallery(home: Home, slow_card: Path, urls: Path) -> None:
    """The terminal signals the whole group in the foreground; the embedded gallery must outlive that."""
    terminal = Terminal(home, urls, "process", "--jobs", "1", str(slow_card))
    terminal.until(b" in work")
    terminal.type(b"\x03")
    terminal.until(b"being finished")
    assert terminal.end() == 128 + signal.SIGINT
    assert b"0 failed, 0 left over" in terminal.screen
    assert b"run again for the rest" in terminal.screen
    uploaded = len(urls.read_text().splitlines())
    assert uploaded == len(home.photos()) < 30
    assert len(home.run("process", "-q", str(slow_card)).lines) == 30 - uploaded


def test_the_password_of_the_gallery_is_asked_for_twice_and_not_shown(home: Home, urls: Path) -> None:
    terminal = Terminal(home, urls, "gallery", "password")
    terminal.until(b"Password: ")
    terminal.type(b"open-sesame, all\n")
    terminal.until(b"The same again: ")
    terminal.type(b"open-sesame, all\n")
    assert (terminal.end(), b"sesame" in terminal.screen) == (0, False)
    assert '"password": {' in (home.pictures / ".photopipe" / "access.json").read_text()
