"""The option that names the gallery's folder, for the subcommands: before or behind their name."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from photopipe.cli.options.options import option

Command = TypeVar("Command", bound=Callable[..., Any])


def gallery_folder_option(command: Command) -> Command:
    """Give a subcommand `--gallery-dir`; without it, the folder is the one that `photopipe gallery` would serve."""
    return option("--gallery-dir", type=click.Path(), default=_of_the_group, help="Folder of the gallery.")(command)


def _of_the_group() -> str:
    context = click.get_current_context().parent
    while context is not None and "gallery_dir" not in context.params:  # a group of subcommands in between
        context = context.parent
    assert context is not None  # noqa: S101 - subcommands are reached through the group
    return str(context.params["gallery_dir"])
