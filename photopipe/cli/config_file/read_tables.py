"""Reads the tables of a configuration, and collects everything that is wrong in them."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import click

from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.lines import KeyPath
from photopipe.cli.config_file.names import NAME, unknown_names
from photopipe.cli.config_file.problem import (
    DEFAULTS,
    GALLERIES,
    KINDS_OF_NAMES,
    PROFILE,
    RECIPES,
    ConfigProblem,
)
from photopipe.cli.config_file.values import key_of, keys_of, read_value, resolve_path, resolve_source
from photopipe.cli.terminal.suggestions import did_you_mean, nearest
from photopipe.errors import UsageError

NOT_IN_A_RECIPE: Final = frozenset({"recipe", "max-pixels", "memory"})
"""Options of `resize` that do not change what a picture looks like."""
SOURCES: Final = "sources"
GALLERY_FILES: Final = frozenset({"token_file", "ca_bundle", "client_cert", "client_key"})
"""Keys of a gallery's table that name a file."""
WHAT_A_NAME_IS: Final = "a name has lower-case letters, digits, - and _, at most 31 of them"


def read_configuration(path: str, commands: Mapping[str, click.Command], *, is_named: bool) -> Configuration:
    """Read the file and find whatever is wrong in it.

    Args:
        path: the file.
        commands: the commands that it may have values for.
        is_named: whether a person named the file, which must be there then.

    Raises:
        UsageError: it cannot be read, or is not TOML.
    """
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        tables = tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        if is_named:
            raise UsageError(
                f"{path}: there is no such configuration file. Write one with `photopipe config init`, or leave out "
                "--config and PHOTOPIPE_CONFIG."
            ) from None
        return Configuration(path)
    except OSError as error:
        raise UsageError(f"{path}: the configuration cannot be read: {error.strerror}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise UsageError(f"{path}: the configuration cannot be read: {error}") from error
    return TableReader(path, commands).read(tables, text)


class TableReader:
    """Reads one configuration.

    Args:
        path: the file, whose folder relative paths are relative to.
        commands: the commands that it may have values for.
    """

    def __init__(self, path: str, commands: Mapping[str, click.Command]) -> None:
        self._path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._commands = {name: command for name, command in commands.items() if name != GALLERIES and keys_of(command)}
        self._line_keys = keys_of(commands["watch"]) | keys_of(commands["process"])
        self._recipe_keys = {
            key: option for key, option in keys_of(commands["resize"]).items() if key not in NOT_IN_A_RECIPE
        }
        self._all_keys = {
            key: option for command in self._commands.values() for key, option in keys_of(command).items()
        }
        self._problems: list[ConfigProblem] = []

    def read(self, tables: Mapping[str, Any], text: str) -> Configuration:
        """Read everything.

        Args:
            tables: what the file says.
            text: its content.
        """
        known = (*self._commands, GALLERIES, RECIPES, PROFILE, DEFAULTS)
        for name, value in tables.items():
            if name not in known:
                self._unknown_table(name, value, known)
        commands = {
            name: self._options((name,), tables[name], keys_of(command))
            for name, command in self._commands.items()
            if name in tables
        }
        defaults = self._options((DEFAULTS,), tables.get(DEFAULTS, {}), self._all_keys)
        galleries = {name: self._gallery(name, table) for name, table in self._named(GALLERIES, tables)}
        recipes = {
            name: self._options((RECIPES, name), table, self._recipe_keys)
            for name, table in self._named(RECIPES, tables)
        }
        profiles = {name: self._profile(name, table) for name, table in self._named(PROFILE, tables)}
        configuration = Configuration(self._path, text, commands, defaults, galleries, recipes, profiles)
        self._problems += unknown_names(configuration, {kind: tables.get(kind, {}) for kind in KINDS_OF_NAMES})
        return replace(configuration, problems=tuple(self._problems))

    def _problem(self, where: KeyPath, message: str) -> None:
        self._problems.append(ConfigProblem(where, message))

    def _unknown_table(self, name: str, value: Any, known: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            self._problem(
                (name,), f"there is no such table.{did_you_mean(name, known) or f' There are {_listed(known)}.'}"
            )
        else:
            places = self._places(name.replace("_", "-")) or "[process] or the table of another command"
            message = f"this key is outside any table. Put it under {places}."
            self._problems.append(ConfigProblem((name,), message, is_outside=True))

    def _named(self, kind: str, tables: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each name of a kind, and its table."""
        named = tables.get(kind, {})
        if not isinstance(named, dict):
            self._problem((kind,), f"each name needs a table of its own: [{kind}.NAME]")
            return
        for name, table in named.items():
            if not isinstance(table, dict):
                self._problem((kind, name), f"each name needs a table of its own: [{kind}.NAME]")
            elif kind != GALLERIES and not NAME.fullmatch(name):
                self._problem((kind, name), f"this cannot be a name: {WHAT_A_NAME_IS}, and begins with a letter.")
            else:
                yield name, table

    def _gallery(self, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
        """The table as it is, but for the files it names: which keys there are depends on the kind of gallery."""
        values = {key.replace("-", "_"): value for key, value in table.items()}
        for key in GALLERY_FILES & values.keys():
            if isinstance(values[key], str):
                values[key] = resolve_path(values[key], self._folder)
            else:
                self._problem((GALLERIES, name, key.replace("_", "-")), "this is not the name of a file, in quotes.")
                del values[key]
        return values

    def _profile(self, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a profile, with its sources under `SOURCES`."""
        where = (PROFILE, name)
        rest = dict(table)
        sources = rest.pop(SOURCES, None)
        if GALLERIES in rest:
            if "to" in rest:
                self._problem((*where, GALLERIES), "galleries and to mean the same; keep one of them.")
            rest["to"] = rest.pop(GALLERIES)
        values = self._options(where, rest, {key: one for key, one in self._line_keys.items() if key != PROFILE})
        if sources is not None:
            texts = sources if isinstance(sources, list) else [sources]
            if texts and all(isinstance(text, str) and text for text in texts):
                values[SOURCES] = [resolve_source(text, self._folder) for text in texts]
            else:
                self._problem((*where, SOURCES), 'this is a folder or a list of them: ["/media/card/DCIM", "~/Photos"]')
        return values

    def _options(self, where: KeyPath, table: Any, known: Mapping[str, click.Option]) -> dict[str, Any]:
        """The values of a table of options by the names of the parameters."""
        if not isinstance(table, dict):
            self._problem(where, "this is a table: its keys are the long names of options.")
            return {}
        values: dict[str, Any] = {}
        for written, value in self._with_renditions(where, table, known).items():
            key = written.replace("_", "-")
            if key not in known:
                self._problem((*where, key), self._unknown_key(where, key, known))
            elif str(known[key].name) in values:
                self._problem((*where, key), "this is in the table twice, with - and with _; keep one of them.")
            else:
                self._read_into(values, (*where, key), known[key], value)
        return values

    def _read_into(self, values: dict[str, Any], where: KeyPath, option: click.Option, value: Any) -> None:
        try:
            values[str(option.name)] = read_value(option, value, self._folder)
        except ValueError as error:
            self._problem(where, str(error))

    def _with_renditions(
        self, where: KeyPath, table: Mapping[str, Any], known: Mapping[str, click.Option]
    ) -> dict[str, Any]:
        """The table with `renditions`, a table or a list, as the values of `--rendition` that they stand for."""
        options = dict(table)
        if "renditions" not in options or "rendition" not in known:
            return options
        named = options.pop("renditions")
        if "rendition" in options:
            self._problem((*where, "rendition"), "rendition and renditions mean the same; keep one of them.")
        elif isinstance(named, dict) and named:
            options["rendition"] = list(self._renditions((*where, "renditions"), named))
        elif isinstance(named, list) and named and all(isinstance(one, str) for one in named):
            options["rendition"] = named
        else:
            self._problem(
                (*where, "renditions"),
                'this is a table with a line for each rendition, such as thumb = "480x480,cover", or a list of recipes',
            )
        return options

    def _renditions(self, where: KeyPath, table: Mapping[str, Any]) -> Iterator[str]:
        for name, what in table.items():
            if isinstance(what, bool) or not isinstance(what, str | int):
                self._problem(
                    (*where, name), f'{name} is a size, then perhaps a fit and a format: {name} = "480x480,cover"'
                )
            else:
                yield f"{name}={what}"

    def _unknown_key(self, where: KeyPath, key: str, known: Mapping[str, click.Option]) -> str:
        """What to say of a key that is not known in a table: what may be meant, or where it belongs."""
        message = "there is no such key here."
        for option in known.values():
            if option.name == key.replace("-", "_"):
                return f"{message} The option is called {key_of(option)!r}."
        words = [
            *known,
            *((SOURCES, GALLERIES) if where[0] == PROFILE else ()),
            *(("renditions",) if "rendition" in known else ()),
        ]
        if places := self._places(key):
            return f"{message} It belongs under {places}."
        if meant := did_you_mean(key, words):
            return f"{message}{meant}"
        if alike := nearest(key, self._all_keys):
            return f"{message} Did you mean {alike[0]}? That belongs under {self._places(alike[0])}."
        return f"{message} `photopipe config init` writes a file that lists the keys of [{where[0]}]."

    def _places(self, key: str) -> str:
        """The tables that a key belongs in."""
        if key in {SOURCES, GALLERIES}:
            return f"[{PROFILE}.NAME]"
        if key == "renditions":
            key = "rendition"
        return _listed([name for name, command in self._commands.items() if key in keys_of(command)], "or")


def _listed(names: "tuple[str, ...] | list[str]", word: str = "and") -> str:
    texts = [f"[{name}]" for name in names]
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}" if len(texts) > 1 else "".join(texts)
