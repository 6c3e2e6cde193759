"""`photopipe watch`: run the line on sources that it keeps looking at."""

from dataclasses import replace
from typing import Any

import click

from photopipe.cli.help.command import command
from photopipe.cli.options.options import DURATION, option
from photopipe.cli.options.profile_options import chosen_sources, profile_options
from photopipe.cli.options.run_options import output, run_options, run_settings
from photopipe.cli.run import Run
from photopipe.settings import WatchSettings


@command(short_help="Watch folders, and send each photo that appears in them.")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]", type=click.Path())
@profile_options
@run_options
@option(
    "--rescan",
    section="Photos",
    rare=True,
    type=DURATION,
    shown_default="1h",
    help="How often to look through everything, whatever changes have been seen.",
)
@option(
    "--poll/--no-poll",
    section="Photos",
    rare=True,
    default=None,
    help="Look through everything every 10 s instead of waiting to be told of changes. "
    "Default: where changes are not told of, as on network shares.",
)
@click.pass_context
def watch(
    context: click.Context,
    /,
    *,
    sources: tuple[str, ...],
    rescan: float | None,
    poll: bool | None,
    **values: Any,
) -> None:
    """Send the photos in each SOURCE, as `process` does, and then each photo that is added or changes.

    A photo is taken when its file has settled: unchanged for a while, and complete. Each arrives exactly
    once, however often this is started and however it is stopped. The first Ctrl-C or SIGTERM finishes the
    photos in progress, a second one drops them; nothing is lost either way. One that is started by systemd
    tells it when it is ready, what it has done, and that it is alive.

    Exit codes: those of `process`; 130 and 143 after a signal, which is how it usually ends.
    """
    chosen = output(values)
    settings = run_settings(context, sources=chosen_sources(context, sources), **values)
    how = WatchSettings(poll=poll) if rescan is None else WatchSettings(rescan_s=rescan, poll=poll)
    settings = replace(settings, download=replace(settings.download, watch=how))
    context.exit(Run(settings, chosen).run())
