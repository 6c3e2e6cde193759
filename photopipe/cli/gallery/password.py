"""`photopipe gallery password`: who may look at the embedded gallery."""

import sys

import click

from photopipe.cli.gallery.gallery_folder import gallery_folder_option
from photopipe.cli.help.command import command
from photopipe.cli.options.secrets import check_token
from photopipe.gallery_api import set_gallery_password


@command(short_help="Set the password for those who look at the photos.")
@gallery_folder_option
@click.option("--remove", is_flag=True, help="Remove the password instead.")
def password(*, gallery_dir: str, remove: bool) -> None:
    """Set the password for those who look at the photos; everybody has to log in again.

    It is asked for twice; if standard input is not a terminal, its first line is the password.
    """
    set_gallery_password(gallery_dir, None if remove else _typed())


def _typed() -> str:
    if sys.stdin.isatty():
        typed = str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
    else:
        typed = sys.stdin.readline()
    return check_token(typed.strip(), "the password", is_password=True)
