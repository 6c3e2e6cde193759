"""Which listeners a run has: everything that prints, reports or passes on what happens, in the order it is told."""

from collections.abc import Iterator

from photopipe import __version__
from photopipe.cli.logs.run_log import RunLog
from photopipe.cli.options.report_options import kind_of_report
from photopipe.cli.options.run_options import Output
from photopipe.cli.service import Service
from photopipe.cli.terminal.console import Console, Messages
from photopipe.cli.terminal.printers import JsonPrinter, TextPrinter
from photopipe.cli.terminal.progress import Progress
from photopipe.cli.terminal.run_messages import RunMessages
from photopipe.cli.terminal.status_messages import RegularStatus, RequestedStatus
from photopipe.report import RunListener, RunMeter
from photopipe.settings import Settings


def listeners_of(settings: Settings, output: Output, console: Console, log: RunLog | None) -> Iterator[RunListener]:
    """Make the listeners of a run.

    Files come first: when one of them cannot be written, the others say so.

    Args:
        settings: everything the run needs to know.
        output: what is written meanwhile.
        console: where it is written.
        log: where it is written, too.

    Raises:
        UsageError: a file that was named cannot be written.
    """
    verbose = output.verbose or (settings.dry_run and not output.quiet)
    printer = JsonPrinter if output.as_json else TextPrinter
    meter, watches = RunMeter(), settings.download.watch is not None
    yield meter
    yield from _files(settings, output)
    yield printer(console, verbose=verbose)
    yield RunMessages(settings, console, quiet=output.quiet)
    yield RequestedStatus(console, meter, watches=watches)
    yield Service()
    places: list[Messages] = [*([] if output.quiet else [console]), *([] if log is None else [log])]
    if output.stats_every_s is not None:
        for place in places:
            yield RegularStatus(place, meter, every_s=output.stats_every_s, watches=watches)
    if log is not None:
        yield log
    if console.shows_progress and not output.quiet:
        yield Progress(console, meter, watches=watches)


def _files(settings: Settings, output: Output) -> Iterator[RunListener]:
    """What is imported here costs nothing if it is not wanted."""
    for path in output.reports:
        kind = kind_of_report(path)
        if kind == ".html":
            from photopipe.report.html.html_report import HtmlReport

            yield HtmlReport(path, settings, __version__)
        elif kind == ".csv":
            from photopipe.report.csv_report import CsvReport

            yield CsvReport(path)
        else:
            from photopipe.report.ndjson_report import NdjsonReport

            yield NdjsonReport(path)
    if output.failed_to is not None:
        from photopipe.report.undone_list import UndoneList

        yield UndoneList(output.failed_to, "--failed-to")
    if output.trace is not None:
        from photopipe.report.trace import Trace

        yield Trace(output.trace, "--trace")
