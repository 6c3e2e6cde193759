"""A command on a pseudo-terminal, and what the terminal's screen shows."""

import os
import pty
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte
from support.command import Home
from support.deadline import DEADLINE_S


class Terminal:
    """A command whose stderr and input are a terminal, and whose stdout is a file.

    Attributes:
        pid: of the command.
        written: everything the command wrote to the terminal.
    """

    def __init__(
        self,
        home: Home,
        stdout: Path,
        *arguments: str,
        columns: int = 120,
        env: Mapping[str, str] | None = None,
        command: list[str] | None = None,
    ) -> None:
        self.written = b""
        self._screen = pyte.Screen(columns, 25)
        self._stream = pyte.ByteStream(self._screen)
        command = command or [sys.executable, "-m", "photopipe", *arguments]
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            termios.tcsetwinsize(2, (25, columns))
            _keep_output_when_keys_send_signals()
            if stdout != Path():
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT), 1)
            environment = home.environment({"TERM": "xterm", **(env or {})})
            os.execve(command[0], command, environment)  # noqa: S606 - no shell wanted

    @property
    def lines(self) -> list[str]:
        """What the screen shows, without empty lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().splitlines()

    def until(self, text: bytes) -> None:
        """Wait until the command has written something."""
        self.until_true(lambda: text in self.written, repr(text))

    def until_shown(self, *texts: str) -> None:
        """Wait until texts are on the screen at the same time."""
        self.until_true(lambda: all(text in "\n".join(self.lines) for text in texts), repr(texts))

    def until_true(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition that depends on what was written."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"{what} was never shown: {self.written[-500:]!r}"
            assert self._read(0.1), f"it ended without {what}: {self.written[-500:]!r}"

    def type(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self._terminal, keys)

    def resize(self, columns: int, rows: int = 25) -> None:
        """Change the terminal's size; as on a real one, what it shows is cut."""
        self._screen.resize(rows, columns)
        termios.tcsetwinsize(self._terminal, (rows, columns))

    def end(self) -> int:
        """Wait until the command has ended; returns its exit code."""
        deadline = time.monotonic() + DEADLINE_S
        while self._read(0.1):
            assert time.monotonic() < deadline, "it never ended"
        _, status = os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """End a command that may still be there."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.end()

    def _read(self, timeout_s: float) -> bool:
        readable, _, _ = select.select([self._terminal], [], [], timeout_s)
        if readable:
            try:
                written = os.read(self._terminal, 65_536)
            except OSError:  # the other end is closed
                return False
            self.written += written
            self._stream.feed(written)
        return True


def _keep_output_when_keys_send_signals() -> None:
    """Have Ctrl-C and Ctrl-Z not discard what is on its way to the screen: it may be one half of a drawing.

    Source: POSIX.1-2017, 11.2.5, NOFLSH.
    """
    attributes = termios.tcgetattr(0)
    attributes[3] |= termios.NOFLSH
    termios.tcsetattr(0, termios.TCSANOW, attributes)
