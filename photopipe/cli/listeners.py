"""Which listeners a run has: everything that prints, reports or passes on what happens, in the order it is told."""

from photopipe.cli.options.run_options import Output
from photopipe.cli.service import Service
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.printers import JsonPrinter, TextPrinter
from photopipe.cli.terminal.progress import Progress
from photopipe.cli.terminal.run_messages import RunMessages
from photopipe.report import RunListener
from photopipe.settings import Settings


def listeners_of(settings: Settings, output: Output, console: Console) -> list[RunListener]:
    """The listeners of a run.

    Args:
        settings: everything the run needs to know.
        output: what is written meanwhile.
        console: where it is written.
    """
    verbose = output.verbose or (settings.dry_run and not output.quiet)
    printer = JsonPrinter if output.as_json else TextPrinter
    listeners: list[RunListener] = [
        printer(console, verbose=verbose),
        RunMessages(settings, console, quiet=output.quiet),
        Service(),
    ]
    if console.shows_progress and not output.quiet:
        listeners.append(Progress(console))
    return listeners
