"""The line that moves while photos do."""

import time
from collections.abc import Callable
from typing import Any

from photopipe.cli.console import Console
from photopipe.report import Account

UPDATES_PER_S = 5


class Progress:
    """A tqdm line on stderr: photos, bytes, and how many wait before each stage.

    Touched by the main thread only. Without a terminal it is nothing at all.
    """

    def __init__(self, console: Console, *, wanted: bool) -> None:
        self._bar: Any = None
        self._shown_at_s = 0.0
        if wanted and console.shows_progress:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # no thread of its own
            self._bar = tqdm(
                total=0,
                unit=" photos",
                dynamic_ncols=True,
                leave=False,
                bar_format="{n_fmt}/{total_fmt} photos [{elapsed}, {rate_fmt}]{postfix}",
            )
            console.clear_with(self._bar.clear)

    def show(self, account: Account, waiting: Callable[[], dict[str, int]]) -> None:
        """Show where things stand; cheap enough to call after every photo."""
        if self._bar is None or not self._is_due():
            return
        self._bar.total = account.found
        queues = ", ".join(f"{stage} {count}" for stage, count in waiting().items())
        self._bar.set_postfix_str(f"{size_text(account.source_bytes)}, waiting: {queues}", refresh=False)
        self._bar.n = account.finished
        self._bar.refresh()

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._shown_at_s < 1 / UPDATES_PER_S:
            return False
        self._shown_at_s = now
        return True

    def close(self) -> None:
        """Remove the line."""
        if self._bar is not None:
            self._bar.close()


def size_text(size_bytes: float) -> str:
    """A size for people: `512 B`, `3.1 MB`."""
    if size_bytes < 1000:
        return f"{size_bytes:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size_bytes /= 1000
        if size_bytes < 1000:
            return f"{size_bytes:.1f} {unit}"
    return f"{size_bytes / 1000:.1f} TB"
