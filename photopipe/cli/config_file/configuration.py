"""The whole configuration, read and checked: defaults of commands, galleries, recipes and profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from photopipe.cli.config_file.lines import KeyPath, lines_of_keys
from photopipe.cli.config_file.problem import KINDS_OF_NAMES, ConfigProblem, problem_texts
from photopipe.errors import UsageError

PROBLEMS_SHOWN: Final = 3
"""How many problems a run shows; `photopipe config check` shows all."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the configuration file says. Keys are the names of click's parameters, paths in values are absolute.

    Attributes:
        path: the file; it may not be there.
        text: its content.
        commands: the values in the table of each command.
        defaults: those for all commands.
        galleries: the tables of the galleries.
        recipes: the tables of the recipes.
        profiles: the tables of the profiles.
        problems: what is wrong in it; then the tables have only what is right.
    """

    path: str
    text: str = ""
    commands: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    galleries: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    recipes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    profiles: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    problems: tuple[ConfigProblem, ...] = ()

    def lines(self) -> dict[KeyPath, int]:
        """On which line each key is, in the spelling with `-`."""
        return {_spelled(path): line for path, line in lines_of_keys(self.text).items()}

    def require_good(self) -> "Configuration":
        """The configuration, if nothing is wrong in it.

        Raises:
            UsageError: something is; more problems are in its notes.
        """
        if not self.problems:
            return self
        texts = problem_texts(self.problems, self.path, self.lines())
        more = len(texts) - PROBLEMS_SHOWN
        error = UsageError(texts[0])
        for text in texts[1:PROBLEMS_SHOWN]:
            error.add_note(text)
        if more > 0:
            error.add_note(f"and {more} more; `photopipe config check` shows all of them")
        raise error


def _spelled(path: KeyPath) -> KeyPath:
    """The path with the key in its usual spelling; names that a person chose stay as they are."""
    if path[:1] in {(kind,) for kind in KINDS_OF_NAMES}:
        return path[:2] + tuple(key.replace("_", "-") for key in path[2:3]) + path[3:]
    return path[:1] + tuple(key.replace("_", "-") for key in path[1:2]) + path[2:]
