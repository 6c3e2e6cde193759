"""`photopipe journal rebuild`: fill a lost journal by asking the galleries."""

from dataclasses import replace
from typing import Any

import click

from photopipe.cli.help.command import command
from photopipe.cli.options.run_options import output, run_options, run_settings
from photopipe.cli.run import Run


@command(short_help="Fill a lost or damaged journal by asking the galleries; nothing is sent.")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]", type=click.Path())
@run_options
@click.pass_context
def rebuild(context: click.Context, /, *, sources: tuple[str, ...], **values: Any) -> None:
    """Find the photos in each SOURCE, make of them what `process` would, and ask each gallery whether it has that.

    What a gallery has is recorded as uploaded; what it does not have is counted and left for the next `process`.
    Nothing is sent, and no source is changed. Give the same sources, galleries and picture options as to
    `process`. A damaged journal is kept under another name, and what can be read of it is taken over.

    Exit codes: those of `process`.
    """
    chosen = output(values)
    settings = run_settings(context, sources=sources, **values)
    download = replace(settings.download, after="keep", after_folder=None, archive=None)
    settings = replace(settings, download=download, only_ask=True)
    context.exit(Run(settings, chosen).run())
