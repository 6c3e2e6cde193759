"""`photopipe process`: the line, run for a person, a pipe or cron."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import click

from photopipe.assembly import Line, open_line
from photopipe.cli.console import Console
from photopipe.cli.exit_codes import ExitCode, exit_code_of
from photopipe.cli.options import DURATION, default_journal_path, option
from photopipe.cli.printers import JsonPrinter, Printer, TextPrinter, account_lines
from photopipe.cli.progress import Progress
from photopipe.cli.resize_options import original_option, renditions, resize_options, resize_settings
from photopipe.cli.signals import SignalCount
from photopipe.cli.upload_options import UPLOAD_OPTIONS, upload_options, upload_settings
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.report import Account, Notice, PhotoOutcome, Problem
from photopipe.settings import DownloadSettings, Settings

TICK_S = 0.25
"""How often the main loop looks at signals, and redraws, while no photo ends."""


@click.command(short_help="Send the photos of a camera folder to a gallery, resized.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path())
@upload_options
@resize_options
@option(
    "--rendition",
    multiple=True,
    metavar="NAME=SIZE[,FIT][,FORMAT]",
    help="Make this of each photo, too, or several: web=2048, thumb=480x480,cover.",
)
@original_option
@option("--jobs", type=click.IntRange(1, 256), help="Photos resized at the same time. Default: one per CPU.")
@option("--journal", type=click.Path(), default=default_journal_path, help="File that remembers what is done.")
@option("--lock-wait", type=DURATION, default="0s", help="How long to wait for another run to end.")
@option("--dry-run", is_flag=True, help="Say what would be uploaded; write and send nothing.")
@option("--json", "as_json", is_flag=True, help="One JSON object per photo on stdout, and a summary.")
@option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@option("-v", "--verbose", is_flag=True, help="Name every photo and what became of it.")
@click.pass_context
def process(
    context: click.Context,
    /,
    *,
    sources: tuple[str, ...],
    gallery_dir: str,
    jobs: int | None,
    journal: str,
    lock_wait: float,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    rendition: tuple[str, ...],
    original: str | None,
    **others: Any,
) -> None:
    """Find the photos in each SOURCE (a folder, or a single photo), resize them and upload them.

    Each photo arrives exactly once, however often this is run and however it is stopped. Sources are
    only read. The address of each photo that reached the gallery is printed on stdout.

    Exit codes: 0 all done, 1 the line failed, 2 wrong usage, 3 some photos failed, 5 gallery
    unreachable, 11 another run is at work, 12 login refused, 13 source missing, 130 and 143 stopped by
    a signal.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other")
    upload = {name: others.pop(name) for name in UPLOAD_OPTIONS}
    settings = Settings(
        download=DownloadSettings(sources),
        renditions=renditions(rendition, resize_settings(jobs=jobs, **others), original),
        uploads=upload_settings(context, **upload),
        gallery_folder=gallery_dir,
        journal_path=journal,
        lock_wait_s=lock_wait,
        dry_run=dry_run,
    )
    context.exit(_Run(settings, as_json=as_json, quiet=quiet, verbose=verbose).run())


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the line, from the main thread's side."""

    settings: Settings
    as_json: bool
    quiet: bool
    verbose: bool

    def run(self) -> int:
        """Run the line; the exit code, unless it raises what stopped it."""
        started = time.monotonic()
        console, signals = Console(), SignalCount()
        with ExitStack() as until_closed, open_line(self.settings) as line:
            printer = self._printer(console, line.galleries)
            until_closed.enter_context(signals.counting())
            error = self._work(line, printer, console, signals)
            code = _exit_code(line.account, signals, console, error)
            seconds = time.monotonic() - started
            printer.summary(line.account, seconds, code)
        if not self.quiet:
            self._tell_account(line.account, console, seconds)
            if signals.first is not None or error is not None:
                console.talk("Stopped before the end; run again for the rest.")
        _tell_trouble(line.account, console)
        if error is not None and signals.first is None:
            raise error
        return code

    def _printer(self, console: Console, galleries: Sequence[str]) -> Printer:
        verbose = self.verbose or (self.settings.dry_run and not self.quiet)
        return (
            JsonPrinter(console, galleries, verbose=verbose) if self.as_json else TextPrinter(console, verbose=verbose)
        )

    def _work(self, line: Line, printer: Printer, console: Console, signals: SignalCount) -> Exception | None:
        """Take everything off the line; what stopped it, if it did not finish."""
        progress = Progress(console, wanted=not self.quiet)
        acted_on = 0
        try:
            for event in line.run(TICK_S, tells_skipped=self.as_json or self.verbose):
                if isinstance(event, PhotoOutcome):
                    printer.photo(event)
                elif isinstance(event, Problem):
                    console.talk(f"{printable(event.path)}: {printable(event.message)}")
                elif isinstance(event, Notice):
                    console.talk(f"photopipe: {printable(event.message)}")
                if signals.presses > acted_on:
                    acted_on = signals.presses
                    _stop(line, acted_on, console)
                progress.show(line.account, line.waiting)
        except Exception as error:  # noqa: BLE001 - raised again once the account is told
            return error
        finally:
            progress.close()
        return None

    def _tell_account(self, account: Account, console: Console, seconds: float) -> None:
        for text in account_lines(account, seconds):
            console.talk(text)
        if account.uploaded and any(upload.endpoint_url is None for upload in self.settings.uploads):
            folder = printable(self.settings.gallery_folder)
            console.talk(f"The photos are in {folder}; `photopipe gallery` shows them.")


def _stop(line: Line, presses: int, console: Console) -> None:
    if presses == 1:
        line.drain()
        console.talk("Stopping: what is on the line is being finished. Once more drops it; nothing is lost either way.")
    else:
        line.abort()
        console.talk("Dropping what is on the line; the next run takes it up again.")


def _exit_code(account: Account, signals: SignalCount, console: Console, error: Exception | None) -> int:
    """The most severe thing that happened."""
    if signals.first is not None:
        return 128 + signals.first
    if error is not None:
        return exit_code_of(error)
    if not account.balances or console.output_error:
        return ExitCode.FAILED
    return ExitCode.PARTIAL if account.failed or account.unreadable else ExitCode.DONE


def _tell_trouble(account: Account, console: Console) -> None:
    if not account.balances:
        console.talk("photopipe: the account does not balance; this is a bug. The journal is right: run again.")
    if console.output_error:
        console.talk(f"photopipe: stdout could not be written: {console.output_error}. The uploads went on.")
