"""What the options of a command and the galleries are set to, and by what; secrets are left out."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from photopipe.cli.config_file.layers import Layers
from photopipe.cli.config_file.lines import KeyPath
from photopipe.cli.config_file.problem import GALLERIES, PROFILE
from photopipe.cli.config_file.values import key_of
from photopipe.cli.options.options import Option
from photopipe.cli.options.secrets import TokenSources, token_origin
from photopipe.cli.options.upload_options import SECRET_PARAMETERS

NOT_SHOWN: Final = "(set, not shown)"
SECRET_KEYS: Final = frozenset({"token", "ping-url", "headers", "fields", "password"})
"""Keys whose values are never shown."""
TOKEN_KEYS: Final = frozenset({"token", "token_file", "token_command"})
LOGIN: Final = re.compile(r"(?<=://)[^/?#\s]*@")
SECRET_PARAMETER: Final = re.compile(rf"(?<=[?&])({'|'.join(sorted(SECRET_PARAMETERS))})=[^&\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ValueInEffect:
    """One value.

    Attributes:
        table: the command, or `galleries.NAME`.
        key: the key in this table.
        value: as it is written in the configuration; None if it is not set.
        origin: where it comes from: `default`, the name of an environment variable, `flag`, or a `[table]`.
        line: its line in the configuration, or None.
    """

    table: str
    key: str
    value: Any
    origin: str
    line: int | None = None

    @property
    def is_default(self) -> bool:
        """Whether nobody has set it."""
        return self.origin == "default"

    @property
    def is_configured(self) -> bool:
        """Whether it is from the configuration file."""
        return self.origin.startswith("[")


def values_in_effect(
    layers: Layers, command: click.Command, name: str, profile: str | None, recipe: str | None
) -> Iterator[ValueInEffect]:
    """The value of each option of a command that is given no flag.

    Args:
        layers: the tables for this command; the profile and the recipe are chosen in them.
        command: the command.
        name: what it is called.
        profile: the profile that a flag or the environment names, or None.
        recipe: the recipe, likewise.

    Raises:
        UsageError: there is no such profile or recipe.
    """
    parameters = {str(parameter.name) for parameter in command.params}
    layers.choose_recipe(recipe if "recipe" in parameters else None)
    if "profile" in parameters:
        layers.choose_profile(profile or layers.values().get("profile"))
    lines = layers.configuration.lines()
    if layers.sources():
        table = (PROFILE, str(profile or layers.values().get("profile")))
        yield _configured(name, "sources", list(layers.sources()), table, lines)
    given = {"profile": profile, "recipe": recipe}
    for option in command.params:
        if isinstance(option, click.Option):
            yield _value(layers, option, name, given.get(str(option.name)), lines)
    origin = token_origin(TokenSources()) if "token_file" in parameters else None
    if origin is not None:
        yield ValueInEffect(name, "token", NOT_SHOWN, origin)


def _value(
    layers: Layers, option: click.Option, table: str, given: str | None, lines: Mapping[KeyPath, int]
) -> ValueInEffect:
    key, variable = key_of(option), str(option.envvar)
    if given is not None and given != os.environ.get(variable):
        return ValueInEffect(table, key, given, "flag")
    if os.environ.get(variable):
        return ValueInEffect(table, key, shown(key, os.environ[variable]), variable)
    layer = layers.origin(str(option.name))
    if layer is not None:
        return _configured(table, key, layer.values[str(option.name)], layer.table, lines)
    return ValueInEffect(table, key, _default(option), "default")


def _configured(table: str, key: str, value: Any, where: KeyPath, lines: Mapping[KeyPath, int]) -> ValueInEffect:
    spellings = {"rendition": ("renditions",), "to": (GALLERIES,)}.get(key, ())
    line = next((lines[(*where, word)] for word in (key, *spellings) if (*where, word) in lines), None)
    return ValueInEffect(table, key, shown(key, value), f"[{'.'.join(where)}]", line)


def _default(option: click.Option) -> Any:
    if isinstance(option, Option) and option.shown_default is not None:
        return option.shown_default
    if option.multiple:
        return None
    default = option.default() if callable(option.default) else option.default
    return default if isinstance(default, str | int | float | bool) else None


def galleries_in_effect(layers: Layers) -> Iterator[ValueInEffect]:
    """The values of each configured gallery, and where its token comes from."""
    lines = layers.configuration.lines()
    for name, values in sorted(layers.configuration.galleries.items()):
        table = f"{GALLERIES}.{name}"
        for key in values.keys() - TOKEN_KEYS:
            yield _configured(table, key.replace("_", "-"), values[key], (GALLERIES, name), lines)
        origin = token_origin(TokenSources(name, table=values, config_path=layers.configuration.path))
        if origin is not None:
            yield ValueInEffect(table, "token", NOT_SHOWN, origin)


def shown(key: str, value: Any) -> Any:
    """The value as it may be shown.

    Args:
        key: what has this value.
        value: a text, a number, a list or a table of them.
    """
    if key in SECRET_KEYS:
        return NOT_SHOWN
    if isinstance(value, list):
        return [shown(key, one) for one in value]
    if isinstance(value, dict):
        return {name: shown(name, one) for name, one in value.items()}
    if isinstance(value, str):
        return SECRET_PARAMETER.sub(r"\1=...", LOGIN.sub("...@", value))
    return value if isinstance(value, bool | int | float) else str(value)
