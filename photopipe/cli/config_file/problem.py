"""What is wrong in a configuration file, and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from photopipe.cli.config_file.lines import KeyPath

GALLERIES: Final = "galleries"
RECIPES: Final = "recipes"
PROFILE: Final = "profile"
DEFAULTS: Final = "defaults"
KINDS_OF_NAMES: Final = (GALLERIES, RECIPES, PROFILE)
"""Tables that hold a table for each name that a person chose."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in the configuration.

    Attributes:
        where: the key, or the table, that is wrong; empty for the file itself.
        message: what is wrong, and what to do.
        is_outside: whether it is a key outside any table.
    """

    where: KeyPath
    message: str
    is_outside: bool = False

    def line(self, lines: Mapping[KeyPath, int]) -> int:
        """The line of the key, or else of its table; 0 for the file itself.

        Args:
            lines: the lines of the keys in the file.
        """
        ends = range(len(self.where), 0, -1)
        return next((lines[self.where[:end]] for end in ends if self.where[:end] in lines), 0)

    def text(self, path: str, lines: Mapping[KeyPath, int]) -> str:
        """The problem as a line of text: file, line, table, key, message.

        Args:
            path: the configuration file.
            lines: the lines of the keys in it.
        """
        line = self.line(lines)
        at = 0 if self.is_outside else 2 if self.where[:1] in {(kind,) for kind in KINDS_OF_NAMES} else 1
        table, keys = ".".join(self.where[:at]), ".".join(self.where[at:])
        place = f"{path}:{line}:" if line else f"{path}:"
        return " ".join([place, *([f"[{table}]"] if table else []), *([f"{keys}:"] if keys else []), self.message])


def problem_texts(problems: Iterable[ConfigProblem], path: str, lines: Mapping[KeyPath, int]) -> list[str]:
    """The problems as lines of text, in the order of the file.

    Args:
        problems: what is wrong.
        path: the configuration file.
        lines: the lines of the keys in it.
    """
    return [problem.text(path, lines) for problem in sorted(problems, key=lambda one: one.line(lines))]
