"""`photopipe retry`: have photos tried again as if they had never failed."""

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.journal_options import JOURNAL, LOCK_WAIT
from photopipe.cli.terminal.console import Console
from photopipe.journal_api import retry_photos
from photopipe.report.amounts import photos_text


@command(short_help="Have failed photos tried again.")
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path())
@JOURNAL
@LOCK_WAIT
def retry(*, paths: tuple[str, ...], journal: str, lock_wait: float | None) -> None:
    """Have photos that failed, and those in quarantine, tried again by the next run that finds them.

    A PATH is a photo, or a folder for everything in it; without any, all are tried again. Nothing is uploaded yet.

    Exit codes: 0 done, 2 the journal knows nothing of a PATH, 11 a run is in progress.
    """
    count = retry_photos(journal, paths, lock_wait or 0.0)
    if count:
        them = "it" if count == 1 else "them"
        Console().message(f"{photos_text(count)} will be tried again by the next run that finds {them}.")
    else:
        Console().message("Nothing to try again: no photo there has failed." if paths else "No photo has failed.")
