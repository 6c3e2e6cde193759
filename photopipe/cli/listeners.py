"""Which listeners a run has: everything that prints, reports or passes on what happens, in the order it is told."""

from photopipe.cli.options.run_options import Output
from photopipe.cli.service import Service
from photopipe.cli.terminal.console import Console, Messages
from photopipe.cli.terminal.printers import JsonPrinter, TextPrinter
from photopipe.cli.terminal.progress import Progress
from photopipe.cli.terminal.run_log import RunLog
from photopipe.cli.terminal.run_messages import RunMessages
from photopipe.cli.terminal.status_messages import RegularStatus, RequestedStatus
from photopipe.report import RunListener, RunMeter
from photopipe.settings import Settings


def listeners_of(settings: Settings, output: Output, console: Console, log: RunLog | None) -> list[RunListener]:
    """The listeners of a run.

    Args:
        settings: everything the run needs to know.
        output: what is written meanwhile.
        console: where it is written.
        log: where it is written, too.
    """
    verbose = output.verbose or (settings.dry_run and not output.quiet)
    printer = JsonPrinter if output.as_json else TextPrinter
    meter, watches = RunMeter(), settings.download.watch is not None
    listeners: list[RunListener] = [
        meter,
        printer(console, verbose=verbose),
        RunMessages(settings, console, quiet=output.quiet),
        RequestedStatus(console, meter, watches=watches),
        Service(),
    ]
    places: list[Messages] = [*([] if output.quiet else [console]), *([] if log is None else [log])]
    if output.stats_every_s is not None:
        listeners += [RegularStatus(one, meter, every_s=output.stats_every_s, watches=watches) for one in places]
    if log is not None:
        listeners.append(log)
    if console.shows_progress and not output.quiet:
        listeners.append(Progress(console, meter, watches=watches))
    return listeners
