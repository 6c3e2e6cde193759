"""`photopipe forget`: remove photos, or a gallery, from the journal."""

import sys

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.gallery_names import gallery_id_of
from photopipe.cli.journal.journal_options import JOURNAL, LOCK_WAIT
from photopipe.cli.options.completions import complete_gallery
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.journal import Forgotten
from photopipe.journal_api import forget_gallery, forget_photos, open_questions
from photopipe.report.amounts import photos_text

CONSEQUENCE = (
    "The next run that finds them uploads them again, unless the gallery itself recognises them. "
    "Neither the photos' files nor anything in a gallery is touched."
)


@command(short_help="Remove photos or a gallery from the journal.")
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path())
@option(
    "--gallery",
    metavar="NAME|ID",
    shell_complete=complete_gallery,
    help="Forget everything that was sent to this gallery instead.",
)
@option("--yes", "-y", is_flag=True, help="Do not ask; needed where there is no terminal.")
@JOURNAL
@LOCK_WAIT
@click.pass_context
def forget(
    context: click.Context,
    /,
    *,
    paths: tuple[str, ...],
    gallery: str | None,
    yes: bool,
    journal: str,
    lock_wait: float | None,
) -> None:
    """Forget photos (a PATH is a photo, or a folder for everything in it), or everything sent to a gallery.

    The next run that finds forgotten photos uploads them again, unless the gallery itself recognises them.
    A photo that is known under another path, too, stays known.

    Exit codes: 0 done, 2 the journal knows nothing of it, or nobody could be asked, 11 a run is in progress.
    """
    if bool(paths) == (gallery is not None):
        raise UsageError("name either the photos or folders to forget, or a gallery with --gallery")
    gallery_id = _known_gallery(context, gallery, journal) if gallery is not None else None
    _confirm(f"everything that was sent to {gallery}" if gallery else " ".join(paths), yes=yes)
    console = Console()
    if gallery_id is None:
        console.message(_result(forget_photos(journal, paths, lock_wait or 0.0)))
    else:
        count = forget_gallery(journal, gallery_id, lock_wait or 0.0)
        console.message(f"Forgotten: what was sent to {printable(gallery_id)}, {photos_text(count)}.")


def _known_gallery(context: click.Context, name: str, journal: str) -> str:
    with open_questions(journal) as questions:
        return gallery_id_of(context, name, questions.gallery_ids())


def _confirm(what: str, *, yes: bool) -> None:
    """Ask, unless that was answered before.

    Raises:
        UsageError: there is no terminal to ask on.
        Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"nobody can be asked whether to forget {what}, because there is no terminal; add --yes")
    click.echo(CONSEQUENCE, err=True)
    click.confirm(f"Forget {printable(what)}?", abort=True, err=True)


def _result(forgotten: Forgotten) -> str:
    result = f"Forgotten: {photos_text(forgotten.photos)} in {_files(forgotten.files)}."
    if forgotten.still_known:
        verb = "is" if forgotten.still_known == 1 else "are"
        result += f" {photos_text(forgotten.still_known)} {verb} still known under another path: not uploaded again."
    return result


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
