"""The progress on a terminal: a line for each stage and one for everything, redrawn in place."""

import io
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.status_text import found_text, stage_lines, total_text
from photopipe.report import RunListener, RunMeter, RunStatus, RunView

if TYPE_CHECKING:
    from tqdm import tqdm

UPDATES_PER_S: Final = 10
CLEAR: Final = "\r\x1b[J"
"""Clears from the start of this line to the end of the screen. Source: ECMA-48, 8.3.39 ED."""
LONGEST_LINE: Final = 100
"""Columns; short lines are easier to read, and survive that a terminal becomes narrower."""


class Progress(RunListener):
    """Shows the run on stderr; used by the main thread only, and only if stderr is a terminal.

    Args:
        console: its messages are printed above.
        meter: knows the state of the run.
        watches: whether the run has no end.
    """

    def __init__(self, console: Console, meter: RunMeter, *, watches: bool) -> None:
        self._meter = meter
        self._watches = watches
        self._shown_at_s = 0.0
        self._block = Block()
        self._suspension = Suspension()
        console.clear_with(self._block.clear)

    def started(self, run: RunView) -> None:  # noqa: ARG002  # the meter looks at it
        """Clear the screen before the program is suspended."""
        self._suspension.install()

    def tick(self) -> None:
        """Show the current state; cheap enough to call after every photo."""
        if self._suspension.is_wanted:
            self._block.clear()
            self._suspension.suspend()
        now_s = time.monotonic()
        if now_s - self._shown_at_s < 1 / UPDATES_PER_S:
            return
        self._shown_at_s = now_s
        status = self._meter.status()
        if status is not None and _is_in_foreground():
            self._show(status)

    def line_ended(self) -> None:
        """Remove the lines."""
        self._block.clear()

    def close(self) -> None:
        """Remove the lines, and let the program be suspended as before."""
        self._block.clear()
        self._suspension.uninstall()

    def _show(self, status: RunStatus) -> None:
        found = found_text(status, watches=self._watches)
        lines = stage_lines(status.stages, found=found, columns=self._block.columns)
        self._block.draw(lines, _share(status), total_text(status))


class Block:
    """Lines at the bottom of what was printed, each a tqdm bar at its position.

    The cursor stays at the start of the first line: if the terminal becomes narrower and breaks lines, they are all
    below it and can still be cleared.
    """

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        self._bars: list[tqdm[Any]] = []
        self._layout: tuple[int, ...] = ()
        self._is_shown = False

    @property
    def columns(self) -> int:
        """How long a line may be now."""
        columns, _rows = self._size()
        return columns

    def draw(self, lines: Sequence[str], share: float | None, total: str) -> None:
        """Show the lines and, as the last one, the total.

        Args:
            lines: those above the total.
            share: how much is done, 0 to 1, or None if that is unknown.
            total: what the last line says.
        """
        columns, rows = self._size()
        texts = [*lines, total][-max(1, rows - 1) :]
        if (columns, rows, len(texts)) != self._layout:
            self._layout = columns, rows, len(texts)
            self.clear()
            self._make_bars(len(texts), columns)
        for bar, text in zip(self._bars, texts, strict=True):
            bar.set_description_str(_encodable(text), refresh=False)
        self._set_total(self._bars[-1], share)
        for bar in self._bars:
            bar.refresh()
        self._is_shown = True
        self._write(f"{self._take()}\r")

    def clear(self) -> None:
        """Remove the lines; the cursor is where the first one began."""
        if self._is_shown:
            self._is_shown = False
            self._write(CLEAR)

    def _make_bars(self, count: int, columns: int) -> None:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread of its own
        for bar in reversed(self._bars):
            bar.close()
        is_ascii = not (sys.stderr.encoding or "").lower().startswith("utf")
        self._bars = [
            tqdm(
                *(None, "", 1.0),
                position=number,
                leave=False,
                file=self._buffer,
                ncols=columns,
                nrows=count + 1,
                ascii=is_ascii,
                bar_format="{desc}",
            )
            for number in range(count)
        ]
        self._take()

    def _set_total(self, bar: "tqdm[Any]", share: float | None) -> None:
        bar_width = 20 if self._layout[0] >= 70 else 8
        bar.bar_format = "{desc}" if share is None else f"{{percentage:3.0f}}% |{{bar:{bar_width}}}| {{desc}}"
        bar.n = share or 0.0

    def _size(self) -> tuple[int, int]:
        """How long a line may be, and how many rows there are."""
        size = os.get_terminal_size(sys.stderr.fileno())
        return max(1, min((size.columns or 80) - 1, LONGEST_LINE)), size.lines or 24

    def _take(self) -> str:
        """What tqdm has drawn."""
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


class Suspension:
    """Lets the main thread clear the screen before Ctrl-Z takes effect.

    Attributes:
        is_wanted: whether the program was told to stop.
    """

    def __init__(self) -> None:
        self.is_wanted = False
        self._is_installed = False

    def install(self) -> None:
        """Only note from now on that a stop is wanted, unless nobody wants it to work."""
        if hasattr(signal, "SIGTSTP") and signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
            signal.signal(signal.SIGTSTP, self._note)
            self._is_installed = True

    def suspend(self) -> None:
        """Stop until the program is continued."""
        self.uninstall()
        signal.raise_signal(signal.SIGTSTP)  # to this thread: with os.kill another could take it, and this one draw on
        self.install()

    def uninstall(self) -> None:
        """Let a stop take effect at once."""
        self.is_wanted = False
        if self._is_installed:
            self._is_installed = False
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.is_wanted = True


def _share(status: RunStatus) -> float | None:
    found = status.found
    if not found.is_all or not found.size_bytes:
        return None
    return min(1.0, status.account.done_bytes / found.size_bytes)


def _is_in_foreground() -> bool:
    """False if the program goes on in the background of the shell, which has the terminal."""
    try:
        return os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
    except OSError:  # a terminal that is not the one this program was started from
        return True


def _encodable(text: str) -> str:
    """The text as stderr will write it, with escapes for what its encoding cannot express."""
    encoding = sys.stderr.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
