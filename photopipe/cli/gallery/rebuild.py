"""`photopipe gallery rebuild`: make the index agree with the files."""

from typing import TYPE_CHECKING

import click

from photopipe.cli.gallery.gallery_folder import gallery_folder_option
from photopipe.cli.gallery.photo_counter import photo_counter
from photopipe.cli.help.command import command
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.files.characters import printable
from photopipe.gallery_api import rebuild_gallery

if TYPE_CHECKING:
    from photopipe.gallery_api import Fault, Rebuilt


@command(short_help="Make the gallery's index agree with its files.")
@gallery_folder_option
@click.pass_context
def rebuild(context: click.Context, *, gallery_dir: str) -> None:
    """Look through the folder's YYYY/MM/ and bring the index up to date; no photo is changed.

    Photos that the index does not know are added, those that were edited or moved by hand are recorded as
    they are now, and those that are gone are taken out. A damaged index is replaced by a new one; what can
    still be read of the old one is taken over, and it is kept beside it. Photos can be sent and looked at
    meanwhile, but for a damaged index the gallery has to be stopped.
    """
    console, told = Console(), 0
    with photo_counter(console) as show:

        def tell(fault: "Fault") -> None:
            nonlocal told
            told += 1
            console.message(f"{printable(fault.path)}: {fault.kind}: {printable(fault.message)}")

        done = rebuild_gallery(gallery_dir, tell, show)
    for line in _account(done):
        console.message(line)
    context.exit(ExitCode.PARTIAL if told else ExitCode.DONE)


def _account(done: "Rebuilt") -> list[str]:
    changes = {
        "added": done.added,
        "edited": done.edited,
        "moved": done.moved,
        "taken out because their files are gone": done.removed,
        "had not been read before": done.described,
    }
    found = ", ".join(f"{count} {change}" for change, count in changes.items() if count)
    lines = [f"Photos: {found}." if found else "The index agrees with the files."]
    salvaged = done.salvaged
    if salvaged is not None:
        read = f"{salvaged.photos} of its photos could be read. It is kept as {printable(salvaged.kept_as)}."
        lines.insert(0, f"The index was damaged ({printable(salvaged.problem)}); {read}")
    return lines
