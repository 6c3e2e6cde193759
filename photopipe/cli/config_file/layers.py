"""Which value counts where the configuration has several: profile, recipe, the command's table, the defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.lines import KeyPath
from photopipe.cli.config_file.names import unknown_name
from photopipe.cli.config_file.problem import DEFAULTS, PROFILE, RECIPES
from photopipe.cli.config_file.read_tables import SOURCES
from photopipe.errors import UsageError

META_KEY = "photopipe.config_file.layers"


@dataclass(frozen=True, slots=True)
class Layer:
    """A table of the configuration that has values for a command.

    Attributes:
        table: its name.
        values: its values for parameters of the command.
    """

    table: KeyPath
    values: Mapping[str, Any]


class Layers:
    """The tables that have values for one command; the earlier counts.

    The order is: a recipe that a flag or the environment names; the profile; the command's own table; `[defaults]`.
    A recipe that one of the tables names comes right behind it.

    Args:
        configuration: what the file says.
        command: the command.
        name: what the command is called; empty for one inside a group, which has no table.
    """

    def __init__(self, configuration: Configuration, command: click.Command, name: str) -> None:
        self.configuration = configuration
        self._parameters = {str(one.name) for one in command.params if isinstance(one, click.Option)}
        self._name = name
        self._profile: str | None = None
        self._recipe: str | None = None

    def choose_profile(self, name: str | None) -> None:
        """Take a profile's values.

        Raises:
            UsageError: there is no such profile.
        """
        if name is not None:
            self._table(PROFILE, self.configuration.profiles, name)
        self._profile = name

    def choose_recipe(self, name: str | None) -> None:
        """Take the values of a recipe that a flag or the environment names; None for the one that a table names.

        Raises:
            UsageError: there is no such recipe.
        """
        self._recipe = name

    def stack(self) -> list[Layer]:
        """The tables, the one that counts most first.

        Raises:
            UsageError: one names a recipe that does not exist.
        """
        layers = [self._of_recipe(self._recipe)] if self._recipe is not None else []
        has_recipe = bool(layers)
        for layer in self._tables():
            layers.append(layer)
            if not has_recipe and "recipe" in layer.values:
                has_recipe = True
                layers.append(self._of_recipe(layer.values["recipe"], layer.table))
        return layers

    def values(self) -> dict[str, Any]:
        """The value that counts of each parameter that has one: what click calls a default map."""
        return {name: value for layer in reversed(self.stack()) for name, value in layer.values.items()}

    def origin(self, parameter: str) -> Layer | None:
        """The table that the value of a parameter comes from."""
        return next((layer for layer in self.stack() if parameter in layer.values), None)

    def sources(self) -> tuple[str, ...]:
        """The sources that the profile names."""
        if self._profile is None:
            return ()
        return tuple(self.configuration.profiles[self._profile].get(SOURCES, ()))

    def _tables(self) -> list[Layer]:
        configuration = self.configuration
        tables: list[tuple[KeyPath, Mapping[str, Any]]] = []
        if self._profile is not None:
            tables.append(((PROFILE, self._profile), configuration.profiles[self._profile]))
        tables.append(((self._name,), configuration.commands.get(self._name, {})))
        tables.append(((DEFAULTS,), configuration.defaults))
        return [self._layer(table, values) for table, values in tables]

    def _of_recipe(self, name: str, named_in: KeyPath = ()) -> Layer:
        return self._layer((RECIPES, name), self._table(RECIPES, self.configuration.recipes, name, named_in))

    def _layer(self, table: KeyPath, values: Mapping[str, Any]) -> Layer:
        return Layer(table, {name: value for name, value in values.items() if name in self._parameters})

    def _table(
        self, kind: str, tables: Mapping[str, dict[str, Any]], name: str, named_in: KeyPath = ()
    ) -> dict[str, Any]:
        if name in tables:
            return tables[name]
        option = kind.rstrip("s")
        where = f"{self.configuration.path}: [{'.'.join(named_in)}] {option}" if named_in else f"--{option}"
        raise UsageError(f"{where}: {unknown_name(kind, tables, name)} The configuration is {self.configuration.path}.")


def layers_of(context: click.Context) -> Layers:
    """The tables that have values for the command that is running."""
    root = context.find_root()
    key = f"{META_KEY} {context.info_name}"
    if key not in root.meta:
        is_top = context.parent is root
        configuration = root.obj or Configuration("")
        root.meta[key] = Layers(configuration, context.command, str(context.info_name) if is_top else "")
    layers: Layers = root.meta[key]
    return layers


def default_map(
    configuration: Configuration, commands: Mapping[str, click.Command], *, is_top: bool = True
) -> dict[str, Any]:
    """What click calls a default map: the values for each command, before a profile or a recipe is chosen.

    Args:
        configuration: what the file says.
        commands: the commands by name.
        is_top: whether they have tables; those inside a group have none.
    """
    found: dict[str, Any] = {}
    for name, command in commands.items():
        layers = Layers(configuration, command, name if is_top else "")
        inner = default_map(configuration, command.commands, is_top=False) if isinstance(command, click.Group) else {}
        found[name] = layers.values() | inner
    return found
