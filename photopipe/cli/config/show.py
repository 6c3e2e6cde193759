"""`photopipe config show`: the values in effect, and where each comes from."""

import json
from typing import Any, cast

import click

from photopipe.cli.config.values_in_effect import ValueInEffect, galleries_in_effect, values_in_effect
from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.layers import Layers
from photopipe.cli.config_file.values import keys_of
from photopipe.cli.help.command import command
from photopipe.cli.options.config import read_config
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.suggestions import did_you_mean
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.report.records import json_line


@command(short_help="Show the values in effect, and where they come from.")
@click.argument("command", default="process")
@option("--profile", metavar="NAME", help="Show what is in effect with this profile.")
@option("--recipe", metavar="NAME", help="Show what is in effect with this recipe.")
@option("--origin", is_flag=True, help="Say where each value comes from, and show the default ones, too.")
@option("--json", "as_json", is_flag=True, help="Write a JSON object per value to stdout.")
@click.pass_context
def show(
    context: click.Context, /, *, command: str, profile: str | None, recipe: str | None, origin: bool, as_json: bool
) -> None:
    """Show the values that the options of COMMAND (process, if none is given) have without a flag, and the galleries.

    Tokens, passwords and addresses that contain one are not shown.

    Exit codes: 0, or 2 if the configuration is wrong.
    """
    group = cast("click.Group", context.find_root().command)
    configuration = read_config(context.find_root().obj, group.commands).require_good()
    shown = _command(group, command)
    layers = Layers(configuration, shown, command)
    found = [*values_in_effect(layers, shown, command, profile, recipe), *galleries_in_effect(layers)]
    console, table = Console(), ""
    for value in found:
        if as_json:
            console.data(json_line("value", _fields(value, configuration)))
        elif origin or not value.is_default:
            if value.table != table:
                console.data(f"{'' if not table else chr(10)}[{printable(value.table)}]")
                table = value.table
            console.data(_line(value, configuration, has_origin=origin))
    if not (as_json or table):
        console.message("Everything is at its default; --origin shows the defaults.")


def _command(group: click.Group, name: str) -> click.Command:
    known = {name: command for name, command in group.commands.items() if keys_of(command)}
    if name not in known:
        raise UsageError(f"there is no command {name!r} with options.{did_you_mean(name, known)}")
    return known[name]


def _fields(value: ValueInEffect, configuration: Configuration) -> dict[str, Any]:
    return {
        "table": value.table,
        "key": value.key,
        "value": value.value,
        "origin": value.origin,
        "file": configuration.path if value.line or value.is_configured else None,
        "line": value.line,
    }


def _line(value: ValueInEffect, configuration: Configuration, *, has_origin: bool) -> str:
    text = f"{value.key} = {_toml(value.value)}" if value.value is not None else f"# {value.key} is not set"
    if not has_origin or (value.value is None and value.is_default):
        return printable(text)
    place = f" ({configuration.path}:{value.line})" if value.line else ""
    return printable(f"{text:<40}  # {value.origin}{place}")


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
