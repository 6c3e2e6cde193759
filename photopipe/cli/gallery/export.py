"""`photopipe gallery export`: the gallery as a static site."""

import click

from photopipe.cli.gallery.gallery_folder import gallery_folder_option
from photopipe.cli.gallery.photo_counter import photo_counter
from photopipe.cli.help.command import command
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.signals import SignalCount
from photopipe.errors import RunStopped
from photopipe.files.characters import printable
from photopipe.gallery_api import export_gallery


def _title_of_the_group() -> str:
    group = click.get_current_context().parent
    assert group is not None  # noqa: S101 - subcommands are reached through it
    return str(group.params["title"])


@command(short_help="Write the gallery as a static site.")
@click.argument("target", metavar="DIR", type=click.Path())
@gallery_folder_option
@option("--title", default=_title_of_the_group, help="What the pages call the gallery.")
@click.option("--album", "albums", multiple=True, metavar="NAME", help="Only the photos of this album; repeatable.")
@click.option("--originals", is_flag=True, help="Include untouched originals, which may say where they were taken.")
@option("-q", "--quiet", is_flag=True, help="Write nothing to stderr unless something is wrong.")
@click.pass_context
def export(
    context: click.Context,
    *,
    target: str,
    gallery_dir: str,
    title: str,
    albums: tuple[str, ...],
    originals: bool,
    quiet: bool,
) -> None:
    """Write the gallery to the folder DIR as a static site, which any web server can serve from any address.

    DIR must be new, empty, or the folder of an earlier export, which is brought up to date: only files that are new
    or have changed are written, and those are removed that an earlier export wrote and that are gone since.
    """
    console = Console()
    with SignalCount.counting() as signals, photo_counter(console) as progress:
        try:
            done = export_gallery(
                gallery_dir,
                target,
                title=title,
                album_names=albums,
                with_originals=originals,
                is_stopped=lambda: signals.received > 0,
                progress=progress,
            )
        except RunStopped:
            console.message(f"{printable(target)}: stopped before the site was complete. The next export finishes it.")
    if signals.first is not None:
        context.exit(128 + signals.first)
    if quiet:
        return
    files, counted = done.files, "1 album" if done.albums == 1 else f"{done.albums} albums"
    console.message(
        f"{printable(target)}: {done.photos} photos, {counted}; {files.written} files written, "
        f"{files.unchanged} unchanged, {files.removed} removed."
    )
    if done.left_out:
        console.message(
            f"{done.left_out} photos are left out: their files are missing or cannot be read, or they are untouched "
            "originals of which no preview can be made."
        )
