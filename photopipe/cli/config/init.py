"""`photopipe config init`: write a first configuration, in which everything is explained and nothing is set."""

import os
from typing import cast

import click

from photopipe.cli.config.example import example_config
from photopipe.cli.help.command import command
from photopipe.cli.options.config import default_config_path
from photopipe.cli.terminal.console import Console
from photopipe.errors import UsageError
from photopipe.files.characters import printable


@command(short_help="Write a first configuration, with everything explained.")
@click.pass_context
def init(context: click.Context) -> None:
    """Write a configuration file that explains every table and key, with examples that are commented out.

    An existing file is never changed. Where the new one is, is printed on stdout; only you can read it.

    Exit codes: 0 written, 2 there is one already, or it cannot be written.
    """
    path = context.find_root().obj or default_config_path()
    group = cast("click.Group", context.find_root().command)
    write_new(path, example_config(group.commands))
    console = Console()
    console.data(printable(path))
    console.message("Everything in it is commented out. When you have changed it: photopipe config check")


def write_new(path: str, text: str) -> None:
    """Write a file that only its owner can read.

    Args:
        path: the file; its folder is made if it is missing.
        text: its content.

    Raises:
        UsageError: there is one already, or it cannot be written.
    """
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{path}: is there already, and is left as it is. See it with `photopipe config show`."
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        os.unlink(path)
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
