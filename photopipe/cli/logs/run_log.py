"""The log of a run: all that is said of it, and what became of each photo, each line with the time."""

import os
import platform
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from photopipe import __version__
from photopipe.cli.terminal.console import Messages
from photopipe.cli.terminal.exit_codes import exit_code_of
from photopipe.cli.terminal.printers import JsonPrinter, TextPrinter
from photopipe.cli.terminal.run_messages import RunMessages
from photopipe.errors import PhotopipeError
from photopipe.files.characters import printable, without_secrets
from photopipe.report import Notice, PhotoOutcome, Problem, RunEnd, RunListener, RunView
from photopipe.report.records import json_line, now_text
from photopipe.settings import Settings

if TYPE_CHECKING:
    from photopipe.cli.logs.log_file import LogFile


@contextmanager
def run_log(
    settings: Settings, path: str | None, console: Messages, *, as_json: bool, verbose: bool
) -> Iterator["RunLog | None"]:
    """The log of a run, if one is wanted; what ends the run before its first photo is written into it, too.

    Args:
        settings: everything the run needs to know.
        path: the file, or None.
        console: told if the log cannot be written.
        as_json: whether the log's lines are JSON objects.
        verbose: whether photos that needed no work are named, too.

    Raises:
        UsageError: the log cannot be opened.
    """
    if path is None:
        yield None
        return
    from photopipe.cli.logs.log_file import LogFile

    with closing(LogFile(path, console.message)) as file:
        log = RunLog(settings, file, as_json=as_json, verbose=verbose)
        try:
            yield log
        except Exception as error:
            log.failed(error)
            raise


class RunLog(RunListener):
    """Writes as the printers do, into a file; of photos that needed no work it gets only the number, if not verbose.

    Args:
        settings: everything the run needs to know.
        file: the log.
        as_json: whether its lines are JSON objects.
        verbose: whether those are named, too.
    """

    def __init__(self, settings: Settings, file: "LogFile", *, as_json: bool, verbose: bool) -> None:
        self._settings = settings
        self._as_json = as_json
        self._verbose = verbose
        self._file = file
        json_printer = JsonPrinter(_Data(self), verbose=False, fields={"pid": os.getpid()})
        self._printer = json_printer if as_json else TextPrinter(self, verbose=True)
        self._messages = RunMessages(settings, self, quiet=False)
        self._was_told = False
        self._begin()

    def data(self, line: str) -> None:
        """Nothing: the addresses that the printer for people has for stdout are in its messages."""

    def message(self, line: str) -> None:
        """Write a message."""
        self._write("message", line, message=line)

    def record(self, line: str) -> None:
        """Write a line that is a JSON object already."""
        self._file.write(line)

    def started(self, run: RunView) -> None:
        """Say where photos go."""
        galleries = list(run.galleries)
        self._write("galleries", f"The galleries are {', '.join(map(printable, galleries))}.", galleries=galleries)
        self._printer.started(run)
        self._messages.started(run)

    def photo(self, outcome: PhotoOutcome) -> None:
        """Say what became of it."""
        if self._verbose or outcome.status != "skipped" or outcome.rendition is not None:
            self._printer.photo(outcome)

    def problem(self, problem: Problem) -> None:
        """Write it as it is printed."""
        self._messages.problem(problem)

    def notice(self, notice: Notice) -> None:
        """Write it as it is printed."""
        self._messages.notice(notice)

    def stopping(self, signals_received: int) -> None:
        """Write it as it is printed."""
        self._messages.stopping(signals_received)

    def ended(self, end: RunEnd) -> None:
        """The account, what stopped the run, and the exit code."""
        self._messages.ended(end)
        if end.error is not None:
            self._say_why(end.error)
        self._printer.ended(end)
        self._end(end.exit_code)

    def failed(self, error: Exception) -> None:
        """Say what ended the run, if `ended` has not."""
        if not self._was_told:
            self._say_why(error)
            self._end(exit_code_of(error))

    def _begin(self) -> None:
        settings = self._settings
        sources = [*settings.download.sources, *settings.download.lists]
        facts: dict[str, Any] = {
            "version": __version__,
            "python": platform.python_version(),
            "sources": [printable(without_secrets(source)) for source in sources],
            "renditions": [name for name, _ in settings.renditions],
            "journal": printable(settings.journal_path),
            "dry_run": settings.dry_run,
            "watch": settings.download.watch is not None,
        }
        parts = (
            f"photopipe {__version__} with Python {facts['python']}",
            f"from {', '.join(facts['sources'])}",
            f"renditions {', '.join(facts['renditions'])}",
            f"journal {facts['journal']}",
        )
        self._write("start", f"The {'dry run' if settings.dry_run else 'run'} starts: {'; '.join(parts)}.", **facts)

    def _end(self, exit_code: int) -> None:
        self._was_told = True
        self._write("end", f"The run ends with exit code {exit_code}.", exit_code=exit_code)

    def _say_why(self, error: Exception) -> None:
        if isinstance(error, PhotopipeError):
            self.message(f"photopipe: {printable(str(error))}")
            return
        for line in traceback.format_exception(error):
            self.message(printable(line.rstrip("\n")))

    def _write(self, kind: str, text: str, **fields: Any) -> None:
        if self._as_json:
            self._file.write(json_line(kind, {"pid": os.getpid(), **fields}))
        else:
            self._file.write(f"{now_text()} {os.getpid()} {text}")


class _Data:
    """Takes a printer's records for the log, and leaves out its messages, which say the same."""

    def __init__(self, log: RunLog) -> None:
        self._log = log

    def data(self, line: str) -> None:
        self._log.record(line)

    def message(self, line: str) -> None:
        pass
