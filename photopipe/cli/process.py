"""`photopipe process`: run the line once, for a person, a pipe or cron."""

from dataclasses import replace
from typing import Any

import click

from photopipe.cli.cards import card_options, folders_of_cards, to_eject
from photopipe.cli.help.command import command
from photopipe.cli.options.notification_options import notification_options, notifications
from photopipe.cli.options.options import option
from photopipe.cli.options.profile_options import chosen_sources, profile_options
from photopipe.cli.options.run_options import output, run_options, run_settings
from photopipe.cli.run import Run
from photopipe.settings import ClusterSettings


@command(short_help="Send the photos of a camera folder to a gallery, resized.")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]", type=click.Path())
@profile_options
@card_options
@run_options
@notification_options
@option(
    "--on",
    metavar="PLACE",
    section="Speed and limits",
    brief="Do the work on a cluster: local:N or dask://HOST:8786.",
    help="Do the work on a cluster: local:N starts N processes on this computer, dask://HOST:8786 uses the scheduler "
    "of a Dask cluster. Needs `pip install 'photopipe[cluster]'`.",
)
@option("--dry-run", section="Output", is_flag=True, help="Show what would be uploaded; write and send nothing.")
@click.pass_context
def process(
    context: click.Context,
    /,
    *,
    sources: tuple[str, ...],
    card: bool,
    eject: bool,
    on: str | None,
    dry_run: bool,
    ping_url: str | None,
    on_complete: str | None,
    **values: Any,
) -> None:
    """Find the photos in each SOURCE, a folder or a photo, resize them and upload them.

    A SOURCE can also be the http or https address of a photo, a folder on a server (s3://, sftp:// and
    others), or `camera:`.

    Each photo arrives exactly once, however often this is run and however it is stopped. Sources are
    only read, unless --after says more. The address of each photo that reached the gallery is printed on
    stdout.

    Exit codes: 0 all done, 1 the run failed, 2 wrong usage, 3 some photos failed, 5 gallery
    unreachable, 10 a limit reached, 11 another run is in progress, 12 login refused, 13 source
    missing, 130 and 143 stopped by a signal.
    """
    chosen = output(values)
    with notifications(ping_url, on_complete, dry_run=dry_run) as told:
        sources = chosen_sources(context, sources) + (folders_of_cards() if card else ())
        cluster = None if on is None else ClusterSettings.of(on)
        settings = replace(run_settings(context, sources=sources, **values), dry_run=dry_run, cluster=cluster)
        code = Run(settings, chosen, to_eject(settings) if eject else (), [told]).run()
    context.exit(code)
