"""One run of the line, as the main thread sees it: who is told what happens, signals, the exit code."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass

from photopipe.assembly import open_line
from photopipe.cli.cards import eject_when_done
from photopipe.cli.listeners import listeners_of
from photopipe.cli.logs.run_log import RunLog, run_log
from photopipe.cli.options.run_options import Output
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode, exit_code_of
from photopipe.cli.terminal.signals import SignalCount
from photopipe.errors import PhotopipeError, RunStopped
from photopipe.files.characters import printable
from photopipe.line import Line
from photopipe.report import Account, Event, LeftOver, Notice, PhotoOutcome, Problem, RunEnd, RunListener
from photopipe.settings import Settings

TICK_S = 0.25
"""How often the main loop looks for signals, and listeners are told, while no photo finishes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the line.

    Attributes:
        settings: everything a run needs to know.
        output: what is written meanwhile.
        cards: where the volumes are mounted that are unmounted when everything is done.
        others: who is told what happens beside the listeners that the output asks for.
    """

    settings: Settings
    output: Output
    cards: Sequence[str] = ()
    others: Sequence[RunListener] = ()

    def run(self) -> int:
        """Run the line and tell the listeners what happens; returns the exit code, or raises what stopped the line."""
        started = time.monotonic()
        console = Console()
        with (
            self._log(console) as log,
            ExitStack() as until_closed,
            open_line(self.settings) as line,
        ):
            signals = until_closed.enter_context(SignalCount.counting())
            listeners = [
                until_closed.enter_context(closing(listener))
                for listener in (*listeners_of(self.settings, self.output, console, log), *self.others)
            ]
            error = self._work(line, listeners, signals)
            code = _exit_code(line.account, signals, error, line.stopped_by)
            line.record_end(code)
            code, last = eject_when_done(self.cards, code, line.account.left_over, quiet=self.output.quiet)
            seconds = time.monotonic() - started
            end = RunEnd(line.account, seconds, code, error, _stopped_by(line, signals, error), last)
            for listener in listeners:
                listener.ended(end)
                end = end.with_lost(listener.lost)
        if error is not None:
            _raise_or_print(error, signals, console)
        return end.exit_code

    def _log(self, console: Console) -> AbstractContextManager[RunLog | None]:
        output = self.output
        return run_log(self.settings, output.log_file, console, as_json=output.log_json, verbose=output.verbose)

    def _work(self, line: Line, listeners: Sequence[RunListener], signals: SignalCount) -> Exception | None:
        """Tell what comes off the line; returns what stopped the line, or None if it finished."""
        acted_on = 0
        for listener in listeners:
            listener.started(line)
        try:
            for event in line.run(TICK_S, tells_skipped=self.output.tells_skipped):
                for listener in listeners:
                    _tell(event, listener)
                    listener.tick()
                if signals.received > acted_on:
                    acted_on = signals.received
                    _stop(line, acted_on, listeners)
        except Exception as error:  # noqa: BLE001 - raised again once the account is printed
            return error
        finally:
            for listener in listeners:
                listener.line_ended()
        return None


def _tell(event: Event | None, listener: RunListener) -> None:
    if isinstance(event, PhotoOutcome):
        listener.photo(event)
    elif isinstance(event, Problem):
        listener.problem(event)
    elif isinstance(event, Notice):
        listener.notice(event)
    elif isinstance(event, LeftOver):
        listener.left_over(event)


def _stop(line: Line, signals_received: int, listeners: Sequence[RunListener]) -> None:
    if signals_received == 1:
        line.drain()
    else:
        line.abort()
    for listener in listeners:
        listener.stopping(signals_received)


def _stopped_by(line: Line, signals: SignalCount, error: Exception | None) -> str | None:
    """What ended the run before its source was; see `RunEnd`."""
    if signals.first is not None:
        return "signal"
    return line.stopped_by if error is None else "error"


def _exit_code(account: Account, signals: SignalCount, error: Exception | None, limit: str | None = None) -> int:
    """The exit code for the most severe thing that happened."""
    if signals.first is not None:
        return 128 + signals.first
    if error is not None:
        return exit_code_of(error)
    if not account.balances:
        return ExitCode.FAILED
    if account.failed or account.unreadable:
        return ExitCode.PARTIAL
    return ExitCode.DONE if limit is None else ExitCode.LIMIT


def _raise_or_print(error: Exception, signals: SignalCount, console: Console) -> None:
    """Raise what stopped the line; after a signal, whose exit code has priority, only print it."""
    if signals.first is None or not isinstance(error, PhotopipeError):
        raise error
    if not isinstance(error, RunStopped):
        console.message(f"photopipe: {printable(str(error))}")
