"""`photopipe journal backup`: copy the journal into a file."""

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.files.characters import printable
from photopipe.journal import back_up


@command(short_help="Copy the journal into a file, also while a run goes on.")
@click.argument("file", type=click.Path())
@JOURNAL
@option("--force", is_flag=True, help="Replace FILE if it is an earlier backup.")
@option("-q", "--quiet", is_flag=True, help="Write nothing to stderr unless something is wrong.")
def backup(*, file: str, journal: str, force: bool, quiet: bool) -> None:
    """Copy the journal, as it is at this moment, into FILE, and check the copy.

    A run may be going on meanwhile. To use a backup, put it in the place of the journal while no run goes on: the
    next run notices that it is older, and asks the gallery about every photo that it does not know.
    """
    size_bytes = back_up(journal, file, replaces=force)
    if not quiet:
        Console().message(f"{printable(file)}: the journal is copied and checked ({size_bytes / 1e6:.1f} MB).")
