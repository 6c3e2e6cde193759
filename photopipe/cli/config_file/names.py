"""The names of galleries, recipes and profiles, and where the configuration uses one that does not exist."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.lines import KeyPath
from photopipe.cli.config_file.problem import DEFAULTS, GALLERIES, PROFILE, RECIPES, ConfigProblem
from photopipe.cli.terminal.suggestions import did_you_mean

KEYS: Final = {"recipe": RECIPES, "profile": PROFILE, "to": GALLERIES, "rendition": RECIPES}
"""Parameters whose values are names, and of what."""
WHAT: Final = {GALLERIES: "gallery", RECIPES: "recipe", PROFILE: "profile"}
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,30}")
"""Of a recipe or a profile."""


def unknown_name(kind: str, tables: Mapping[str, Any], name: str) -> str:
    """That nothing of this kind has this name, and which there are.

    Args:
        kind: the name of the kind's table.
        tables: what there is.
        name: what was asked for.
    """
    known = f" There are: {', '.join(sorted(tables))}." if tables else f" Write a table [{kind}.{name}] first."
    return f"there is no {WHAT[kind]} called {name!r}.{did_you_mean(name, tables) or known}"


def recipe_of(rendition: str) -> str:
    """The recipe that a value of `--rendition` names, as in `web` or `small=web`; empty if it is a description."""
    name, equals, what = rendition.partition("=")
    named = what if equals else name
    return named if NAME.fullmatch(named) else ""


def unknown_names(configuration: Configuration, there: Mapping[str, Any]) -> Iterator[ConfigProblem]:
    """Each name that is used and does not exist.

    Args:
        configuration: what is used.
        there: the tables of each kind, those that are wrong in another way as well.
    """
    for table, values in _tables(configuration):
        for key, kind in KEYS.items():
            tables = there[kind] if isinstance(there[kind], Mapping) else {}
            for name in _names(key, values.get(key, [])):
                if name not in tables:
                    shown = "renditions" if key == "rendition" else key
                    shown = GALLERIES if key == "to" and table[0] == PROFILE else shown
                    yield ConfigProblem((*table, shown), unknown_name(kind, tables, name))


def _tables(configuration: Configuration) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    yield from (((name,), values) for name, values in configuration.commands.items())
    yield (DEFAULTS,), configuration.defaults
    yield from (((PROFILE, name), values) for name, values in configuration.profiles.items())


def _names(key: str, value: Any) -> list[str]:
    texts = [text for text in ([value] if isinstance(value, str) else value) if text]
    if key == "to":
        return [text for text in texts if "://" not in text]
    return list(filter(None, map(recipe_of, texts))) if key == "rendition" else texts
