"""One run of the line, as the main thread sees it: what is printed, signals, the exit code."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass

from photopipe.assembly import open_line
from photopipe.cli.cards import eject_when_done
from photopipe.cli.options.run_options import Output
from photopipe.cli.service import Service
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode, exit_code_of
from photopipe.cli.terminal.printers import JsonPrinter, Printer, TextPrinter, account_lines, kept_lines
from photopipe.cli.terminal.progress import Progress
from photopipe.cli.terminal.signals import SignalCount
from photopipe.errors import PhotopipeError, RunStopped
from photopipe.files.characters import printable
from photopipe.line import Line
from photopipe.report import Account, Notice, PhotoOutcome, Problem
from photopipe.settings import DownloadSettings, Settings

TICK_S = 0.25
"""How often the main loop looks for signals, and redraws the progress line, while no photo finishes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the line.

    Attributes:
        settings: everything a run needs to know.
        output: what is written meanwhile.
        cards: where the volumes are mounted that are unmounted when everything is done.
    """

    settings: Settings
    output: Output
    cards: Sequence[str] = ()

    def run(self) -> int:
        """Run the line and print what happens; returns the exit code, or raises what stopped the line."""
        started = time.monotonic()
        console = Console()
        with ExitStack() as until_closed, open_line(self.settings) as line:
            signals = until_closed.enter_context(SignalCount.counting())
            service = until_closed.enter_context(closing(Service()))
            printer = self._printer(console, line.galleries)
            error = self._work(line, printer, console, signals, service)
            code = _exit_code(line.account, signals, error)
            line.record_end(code)
            code, last = eject_when_done(self.cards, code, line.account.left_over, quiet=self.output.quiet)
            seconds = time.monotonic() - started
            if isinstance(printer, JsonPrinter):
                printer.summary(line.account, seconds, code)
            self._print_end(line.account, console, seconds, is_stopped=signals.first is not None or error is not None)
            for text in last:
                console.message(text)
        if error is not None:
            _raise_or_print(error, signals, console)
        return code

    def _printer(self, console: Console, galleries: Sequence[str]) -> Printer:
        verbose = self.output.verbose or (self.settings.dry_run and not self.output.quiet)
        if self.output.as_json:
            return JsonPrinter(console, galleries, verbose=verbose)
        return TextPrinter(console, verbose=verbose)

    def _work(
        self, line: Line, printer: Printer, console: Console, signals: SignalCount, service: Service
    ) -> Exception | None:
        """Print everything that comes off the line; returns what stopped the line, or None if it finished."""
        progress = None if self.output.quiet or not console.shows_progress else Progress(console)
        acted_on = 0
        if self.settings.download.watch is not None and not self.output.quiet:
            sources = len(self.settings.download.sources) + len(self.settings.download.lists)
            console.message(f"Watching {sources} {'source' if sources == 1 else 'sources'}. Ctrl-C stops.")
        try:
            for event in line.run(TICK_S, tells_skipped=self.output.as_json or self.output.verbose):
                if event is not None:
                    _print(event, printer, console)
                service.tick(line.account)
                if signals.received > acted_on:
                    acted_on = signals.received
                    service.stopping()
                    _stop(line, acted_on, console)
                if progress is not None:
                    progress.show(line.account, line.waiting)
        except Exception as error:  # noqa: BLE001 - raised again once the account is printed
            return error
        finally:
            if progress is not None:
                progress.close()
        return None

    def _print_end(self, account: Account, console: Console, seconds: float, *, is_stopped: bool) -> None:
        """Print the account for people; with `--quiet`, only if it does not balance."""
        if not self.output.quiet:
            for text in account_lines(account, seconds):
                console.message(text)
            if account.uploaded and any(upload.endpoint_url is None for upload in self.settings.uploads):
                folder = printable(self.settings.gallery_folder)
                console.message(f"The photos are in {folder}; `photopipe gallery` shows them.")
            if self.settings.dry_run and self.settings.download.after != "keep":
                console.message(
                    f"The files of photos in every gallery would then be {_leaving(self.settings.download)}."
                )
            if is_stopped and (self.settings.download.watch is None or account.left_over):
                console.message("The run was stopped before its end; run again for the rest.")
        for text in kept_lines(account):
            console.message(text)
        if not account.balances:
            console.message("photopipe: the account does not balance; this is a bug. The journal is right: run again.")


def _leaving(settings: DownloadSettings) -> str:
    """How files leave, for a sentence."""
    if settings.after == "move":
        return f"moved to {printable(settings.after_folder or '')}"
    return "put into the trash" if settings.after == "trash" else "deleted"


def _print(event: PhotoOutcome | Problem | Notice, printer: Printer, console: Console) -> None:
    if isinstance(event, PhotoOutcome):
        printer.photo(event)
    elif isinstance(event, Problem):
        console.message(f"{printable(event.path)}: {printable(event.message)}")
    else:
        console.message(f"photopipe: {printable(event.message)}")


def _stop(line: Line, signals_received: int, console: Console) -> None:
    if signals_received == 1:
        line.drain()
        console.message(
            "Stopping: photos in progress are being finished. Press again to drop them; nothing is lost either way."
        )
    else:
        line.abort()
        console.message("Dropping the photos in progress; the next run takes them up again.")


def _exit_code(account: Account, signals: SignalCount, error: Exception | None) -> int:
    """The exit code for the most severe thing that happened."""
    if signals.first is not None:
        return 128 + signals.first
    if error is not None:
        return exit_code_of(error)
    if not account.balances:
        return ExitCode.FAILED
    return ExitCode.PARTIAL if account.failed or account.unreadable else ExitCode.DONE


def _raise_or_print(error: Exception, signals: SignalCount, console: Console) -> None:
    """Raise what stopped the line; after a signal, whose exit code has priority, only print it."""
    if signals.first is None or not isinstance(error, PhotopipeError):
        raise error
    if not isinstance(error, RunStopped):
        console.message(f"photopipe: {printable(str(error))}")
