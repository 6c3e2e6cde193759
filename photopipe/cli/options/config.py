"""Defaults from outside the code: the folders of the platform, and the configuration file."""

import os
import tomllib
from collections.abc import Mapping
from typing import Any, Final

import click

from photopipe.errors import UsageError

GALLERIES: Final = "galleries"
"""Name of the table in the configuration that has a table for each gallery."""


def default_config_path() -> str:
    """The configuration file that is read if there is one."""
    import platformdirs

    return os.path.join(platformdirs.user_config_dir("photopipe"), "config.toml")


def default_journal_path() -> str:
    """The journal's file on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_state_dir("photopipe"), "journal.sqlite")


def default_gallery_folder() -> str:
    """The embedded gallery's folder on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_pictures_dir(), "photopipe")


def read_config(named: str | None, commands: Mapping[str, click.Command]) -> tuple[dict[str, Any], str]:
    """Defaults for options from a TOML file: a table for each command, keys as the options' long names.

    `[process.renditions]` is a table of its own: a name and a description in each line, as in `--rendition NAME=...`.
    Beside the commands there is `galleries`, with a table for each gallery.

    Args:
        named: the file, which must exist; None for the platform's, if there is one.
        commands: the commands it may have defaults for.

    Returns:
        What click calls a default map, which has the galleries under `GALLERIES`; and the file's path.

    Raises:
        UsageError: it cannot be read, is not TOML, or has a key that no command knows.
    """
    path = named or default_config_path()
    try:
        with open(path, "rb") as file:
            tables = tomllib.load(file)
    except FileNotFoundError:
        if named:
            raise UsageError(f"{path}: there is no such configuration file") from None
        return {GALLERIES: {}}, path
    except (OSError, ValueError) as error:  # ValueError: not TOML, or not UTF-8
        raise UsageError(f"{path}: the configuration cannot be read: {error}") from error
    galleries = _galleries(path, tables.pop(GALLERIES, {}))
    defaults = {command: _table(path, command, table) for command, table in tables.items()}
    for name, table in defaults.items():
        _check_table(path, name, table, commands)
    return defaults | {GALLERIES: galleries}, path


def _galleries(path: str, galleries: object) -> dict[str, dict[str, Any]]:
    if not isinstance(galleries, dict) or not all(isinstance(table, dict) for table in galleries.values()):
        raise UsageError(f"{path}: each gallery needs a table of its own: [{GALLERIES}.NAME]")
    return {name: {key.replace("-", "_"): value for key, value in table.items()} for name, table in galleries.items()}


def _table(path: str, command: str, table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {command!r} is outside any table; put it under [process] or another command")
    options = {key.replace("-", "_"): value for key, value in table.items()}
    if "renditions" in options:
        if "rendition" in options:
            raise UsageError(f"{path}: [{command}] has rendition and renditions; they mean the same, keep one of them")
        options["rendition"] = _renditions(f"{path}: [{command}.renditions]", options.pop("renditions"))
    return options


def _renditions(where: str, table: object) -> list[str]:
    """The values of `--rendition` that a table of names and descriptions stands for."""
    if not isinstance(table, dict) or not table:
        raise UsageError(f'{where} is a table with a line for each rendition, such as thumb = "480x480,cover"')
    for name, what in table.items():
        if isinstance(what, bool) or not isinstance(what, str | int):
            raise UsageError(f'{where}: {name} is a size, then perhaps a fit and a format: {name} = "480x480,cover"')
    return [f"{name}={what}" for name, what in table.items()]


def _check_table(path: str, name: str, table: dict[str, Any], commands: Mapping[str, click.Command]) -> None:
    """Refuse what no command has: a mistyped key must not be silently ignored."""
    if name not in commands:
        raise UsageError(f"{path}: there is no command {name!r}; there are {', '.join(sorted(commands))}")
    options = {option.name: option for option in commands[name].params if isinstance(option, click.Option)}
    for key, value in table.items():
        if key not in options:
            known = ", ".join(sorted(filter(None, options)))
            raise UsageError(f"{path}: [{name}] has no option {key!r}; it has {known}")
        if options[key].multiple and isinstance(value, str):
            table[key] = [value]  # one, of what may be several
