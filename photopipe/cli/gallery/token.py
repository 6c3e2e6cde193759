"""`photopipe gallery token`: who may send photos to the embedded gallery."""

import click

from photopipe.cli.gallery.gallery_folder import gallery_folder_option
from photopipe.cli.terminal.console import Console
from photopipe.files.characters import printable
from photopipe.gallery_api import add_gallery_token, list_gallery_tokens, remove_gallery_token


@click.group(short_help="Add, list and remove tokens for those who send photos.")
def token() -> None:
    """Add, list and remove tokens. Whoever has one may look at photos, send them and delete them.

    With the first token, nobody can send or delete photos without one, not even on this computer. A
    running gallery sees every change at once.
    """


@token.command(short_help="Make a token.")
@click.argument("name")
@gallery_folder_option
def add(*, name: str, gallery_dir: str) -> None:
    """Make a token called NAME and print it; it is not kept, and cannot be shown again."""
    made = add_gallery_token(gallery_dir, name)
    console = Console()
    console.data(made)
    console.message(
        "This is the only time that the token is shown. Save it where it is used: in a file for --token-file,"
    )
    console.message("or with `photopipe galleries add`. A browser can log in with it, too.")


@token.command(name="list", short_help="List the tokens.")
@gallery_folder_option
def list_(*, gallery_dir: str) -> None:
    """List the names of the tokens, and when each was added."""
    for name, added_at in list_gallery_tokens(gallery_dir):
        Console().data(f"{printable(name)}\t{printable(added_at)}")


@token.command(short_help="Remove a token.")
@click.argument("name")
@gallery_folder_option
def remove(*, name: str, gallery_dir: str) -> None:
    """Remove the token called NAME: it is worth nothing any more, and browsers that used it are logged out."""
    remove_gallery_token(gallery_dir, name)
