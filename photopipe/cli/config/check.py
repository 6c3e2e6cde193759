"""`photopipe config check`: everything that is wrong in a configuration, and what to do."""

import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, cast

import click

from photopipe.api import check_gallery_settings, gallery_options
from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.lines import KeyPath
from photopipe.cli.config_file.problem import GALLERIES, PROFILE, ConfigProblem, problem_texts
from photopipe.cli.config_file.values import keys_of
from photopipe.cli.help.command import command
from photopipe.cli.options.config import default_config_path, read_config
from photopipe.cli.options.resize_options import chosen_renditions
from photopipe.cli.options.upload_options import COMMON_KEYS, TABLE_OPTIONS, options_of_kind, split_address
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.cli.terminal.suggestions import did_you_mean
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.files.permissions import others_can_change, others_can_read
from photopipe.settings import UploadSettings


@command(short_help="Find what is wrong in the configuration.")
@click.argument("file", required=False, type=click.Path())
@click.pass_context
def check(context: click.Context, /, *, file: str | None) -> None:
    """Check FILE, or the configuration in use: tables, keys, values, names, galleries, and who can read its tokens.

    No gallery is asked; `photopipe doctor` does that.

    Exit codes: 0 nothing is wrong, 2 something is.
    """
    named = file or context.find_root().obj
    group = cast("click.Group", context.find_root().command)
    configuration = read_config(named, group.commands)
    console = Console()
    if not os.path.exists(configuration.path):
        console.message(f"There is no configuration at {printable(default_config_path())}; the defaults are used.")
        return
    problems = all_problems(configuration, group)
    for text in problems:
        console.data(printable(text))
    if problems:
        console.message(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
        context.exit(ExitCode.USAGE)
    console.message(f"{printable(configuration.path)}: nothing is wrong.")


def all_problems(configuration: Configuration, group: click.Group) -> list[str]:
    """Everything that is wrong, a line of text each, in the order of the file.

    Args:
        configuration: what the file says.
        group: the command `photopipe`, with all its commands.
    """
    problems = [*configuration.problems, *_beyond_tables(configuration, group)]
    return problem_texts(problems, configuration.path, configuration.lines())


def _beyond_tables(configuration: Configuration, group: click.Group) -> Iterator[ConfigProblem]:
    """What is wrong though every key and value is right by itself."""
    yield from _permissions(configuration)
    for name, table in configuration.galleries.items():
        yield from _gallery(name, table, group)
    wrong = {problem.where[:end] for problem in configuration.problems for end in (1, 2)}
    tables: list[tuple[KeyPath, Mapping[str, Any]]] = [
        *(((name,), values) for name, values in configuration.commands.items()),
        *(((PROFILE, name), values) for name, values in configuration.profiles.items()),
    ]
    for where, values in tables:
        if where not in wrong:
            yield from _renditions(configuration, where, values, group)


def _permissions(configuration: Configuration) -> Iterator[ConfigProblem]:
    for name, table in configuration.galleries.items():
        if "token" in table and others_can_read(configuration.path):
            message = f"other users can read this token. Run: chmod 600 {configuration.path}"
            yield ConfigProblem((GALLERIES, name, "token"), message)
        path = table.get("token_file")
        if isinstance(path, str):
            where = (GALLERIES, name, "token-file")
            if not os.path.exists(path):
                yield ConfigProblem(where, f"there is no file {path}. Write the token into it, or take the key out.")
            elif others_can_read(path):
                yield ConfigProblem(where, f"other users can read the token in {path}. Run: chmod 600 {path}")
    if others_can_change(configuration.path):
        yield ConfigProblem((), f"other users can change this file. Run: chmod go-w {configuration.path}")


def _gallery(name: str, table: Mapping[str, Any], group: click.Group) -> Iterator[ConfigProblem]:
    """What no photo could be sent with."""
    where = (GALLERIES, name)
    if not isinstance(table.get("to"), str):
        yield ConfigProblem(where, 'the gallery needs an address: to = "immich+https://photos.example.org"')
        return
    try:
        kind, url, login = split_address(table["to"])
        user = table.get("user") or login[0]
        # A token is not read here: it may come from a command that asks, and a user's from the environment.
        token = "unread:unread" if user or {"token", "token_file", "token_command"} & table.keys() else None
        settings = UploadSettings(url, kind=kind, name=name, username=user, token=token)
        known = gallery_options(settings)
        options = options_of_kind(table)
        for key in options.keys() - known:
            yield ConfigProblem((*where, key.replace("_", "-")), _unknown_key(key, kind, known, group))
        general = {key: table[key] for key in TABLE_OPTIONS & table.keys()}
        options = {key: value for key, value in options.items() if key in known}
        check_gallery_settings(replace(settings, options=options, **general))
    except UsageError as error:
        yield ConfigProblem(where, str(error))


def _unknown_key(key: str, kind: str, known: AbstractSet[str], group: click.Group) -> str:
    """What to say of a key that galleries of a kind do not have: what may be meant, or where it belongs."""
    message = f"galleries of the kind {kind!r} have no such key."
    if key.replace("_", "-") in keys_of(group.commands["process"]):
        return f"{message} It belongs under [{PROFILE}.NAME] or [process]."
    words = known | COMMON_KEYS
    return f"{message}{did_you_mean(key, words) or ' They have: ' + ', '.join(sorted(words)) + '.'}"


def _renditions(
    configuration: Configuration, where: tuple[str, ...], table: Mapping[str, Any], group: click.Group
) -> Iterator[ConfigProblem]:
    """Descriptions of renditions that cannot be understood, or are the same picture."""
    if "rendition" not in table and "original" not in table:
        return
    command = group.commands["process"]
    root = click.Context(group, obj=configuration)
    context = click.Context(command, parent=root, info_name="process")
    options = {str(one.name): one for one in command.params if isinstance(one, click.Option)}
    recipe_keys = {str(one.name) for one in group.commands["resize"].params if isinstance(one, click.Option)} - {
        "recipe"
    }
    recipe = configuration.recipes.get(table.get("recipe", ""), {})
    values = dict.fromkeys(recipe_keys) | recipe | {key: table[key] for key in recipe_keys & table.keys()}
    cast_values = {key: options[key].type_cast_value(context, value) for key, value in values.items()}
    try:
        chosen_renditions(context, table.get("rendition", []), table.get("original"), **cast_values)
    except UsageError as error:
        yield ConfigProblem((*where, "renditions"), str(error))
