"""What a shell may complete a value to: names in the configuration. A completion never says what is wrong there."""

import os
import tomllib
from typing import TYPE_CHECKING

import click

from photopipe.cli.options.config import default_config_path

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_gallery(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list["CompletionItem[str]"]:
    """The configured galleries whose names begin like that."""
    del parameter
    return _items("galleries", context, incomplete)


def _items(table: str, context: click.Context, incomplete: str) -> list["CompletionItem[str]"]:
    from click.shell_completion import CompletionItem

    path = context.find_root().params.get("config") or os.environ.get("PHOTOPIPE_CONFIG") or default_config_path()
    try:
        with open(path, "rb") as file:
            names = tomllib.load(file).get(table)
    except (OSError, ValueError):
        return []
    found = sorted(names) if isinstance(names, dict) else []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]
