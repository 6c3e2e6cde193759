"""The progress line."""

import time

from photopipe.cli.terminal.console import Console
from photopipe.report import RunListener, RunView
from photopipe.report.amounts import size_text

UPDATES_PER_S = 5


class Progress(RunListener):
    """A tqdm line on stderr: photos, bytes, and how many wait for each stage.

    Used by the main thread only, and only if stderr is a terminal.
    """

    def __init__(self, console: Console) -> None:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread of its own
        self._shown_at_s = 0.0
        self._bar = tqdm(
            total=0,
            unit=" photos",
            dynamic_ncols=True,
            leave=False,
            bar_format="{n_fmt}/{total_fmt} photos [{elapsed}, {rate_fmt}]{postfix}",
        )
        console.clear_with(self._bar.clear)
        self._run: RunView | None = None

    def started(self, run: RunView) -> None:
        """Look at this run."""
        self._run = run

    def tick(self) -> None:
        """Show the current numbers; cheap enough to call after every photo."""
        if self._run is None or not self._is_due():
            return
        account = self._run.account
        self._bar.total = account.found
        queues = ", ".join(f"{stage} {count}" for stage, count in self._run.waiting().items())
        self._bar.set_postfix_str(f"{size_text(account.source_bytes)}, waiting: {queues}", refresh=False)
        self._bar.n = account.finished
        self._bar.refresh()

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now - self._shown_at_s < 1 / UPDATES_PER_S:
            return False
        self._shown_at_s = now
        return True

    def line_ended(self) -> None:
        """Remove the line."""
        self._bar.close()
