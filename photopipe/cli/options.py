"""Options as all commands have them: each with an environment variable and a place in the configuration."""

import os
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from photopipe.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """A click option with `PHOTOPIPE_<LONG NAME>` as its environment variable, shown in the help."""
    long_name = next(name for name in names if name.startswith("--"))
    variable = "PHOTOPIPE_" + long_name.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, show_default=True, **attributes)


class _Duration(click.ParamType[float]):
    """Seconds, from `90`, `90s`, `5m` or `1h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip().lower()
        unit_s = UNITS_S.get(text[-1:])
        number = text[:-1] if unit_s else text
        if not number.replace(".", "", 1).isascii() or not number.replace(".", "", 1).isdigit():
            self.fail(f"{value!r} is not a duration; write seconds, or a number with s, m or h.", param, ctx)
        return float(number) * (unit_s or 1)


UNITS_S = {"s": 1, "m": 60, "h": 3600}
DURATION = _Duration()


def default_config_path() -> str:
    """The configuration file that is read if there is one."""
    import platformdirs

    return os.path.join(platformdirs.user_config_dir("photopipe"), "config.toml")


def default_journal_path() -> str:
    """The journal's place on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_state_dir("photopipe"), "journal.sqlite")


def default_gallery_folder() -> str:
    """The embedded gallery's place on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_pictures_dir(), "photopipe")


GALLERIES = "galleries"
"""The table of the configuration that holds one table for each gallery."""


def read_config(path: str, *, is_required: bool) -> dict[str, Any]:
    """Defaults for options from a TOML file: a table for each command, keys as the options' long names.

    `[process.renditions]` is a table inside a table: a name and what it is, as in `--rendition NAME=...`. Beside the
    commands there is `galleries`, with a table for each gallery's name.

    Args:
        path: the file.
        is_required: whether it must exist.

    Returns:
        What click calls a default map.

    Raises:
        UsageError: it cannot be read, or is not TOML.
    """
    try:
        with open(path, "rb") as file:
            tables = tomllib.load(file)
    except FileNotFoundError:
        if is_required:
            raise UsageError(f"{path}: the configuration file is not there") from None
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: the configuration cannot be read: {error}") from error
    galleries = tables.pop(GALLERIES, {})
    commands = {command: _table(path, command, table) for command, table in tables.items()}
    return commands | {GALLERIES: _galleries(path, galleries)}


def _galleries(path: str, galleries: object) -> dict[str, dict[str, Any]]:
    if not isinstance(galleries, dict) or not all(isinstance(table, dict) for table in galleries.values()):
        raise UsageError(f"{path}: each gallery needs a table of its own: [{GALLERIES}.NAME]")
    return {name: {key.replace("-", "_"): value for key, value in table.items()} for name, table in galleries.items()}


def _table(path: str, command: str, table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {command!r} stands alone; put it under [process] or [gallery]")
    options = {key.replace("-", "_"): value for key, value in table.items()}
    if "renditions" in options:
        if "rendition" in options:
            raise UsageError(f"{path}: [{command}] has rendition and renditions; they mean the same, keep one of them")
        options["rendition"] = _renditions(f"{path}: [{command}.renditions]", options.pop("renditions"))
    return options


def _renditions(where: str, table: object) -> list[str]:
    """A table of name and what it is, as the values of `--rendition`."""
    if not isinstance(table, dict) or not table:
        raise UsageError(f'{where} is a table with a line for each, such as thumb = "480x480,cover"')
    for name, what in table.items():
        if isinstance(what, bool) or not isinstance(what, str | int):
            raise UsageError(f'{where}: {name} is a size, then perhaps a fit and a format: {name} = "480x480,cover"')
    return [f"{name}={what}" for name, what in table.items()]


def check_config(config: dict[str, Any], commands: Mapping[str, click.Command], path: str) -> None:
    """Refuse what no command knows: a mistyped key must not be silently ignored.

    Raises:
        UsageError: naming the key and the keys there are.
    """
    for name, table in config.items():
        if name not in commands:
            raise UsageError(f"{path}: there is no command {name!r}; there are {', '.join(sorted(commands))}")
        known = {
            parameter.name
            for parameter in commands[name].params
            if parameter.name and isinstance(parameter, click.Option)
        }
        for key in table.keys() - known:
            raise UsageError(f"{path}: [{name}] has no option {key!r}; it has {', '.join(sorted(known))}")
        for parameter in commands[name].params:
            value = table.get(parameter.name or "")
            if isinstance(parameter, click.Option) and parameter.multiple and isinstance(value, str):
                table[parameter.name] = [value]  # one, of what may be several
