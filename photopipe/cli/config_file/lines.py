"""On which line of a TOML text each key is; `tomllib` does not tell."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

KeyPath = tuple[str, ...]
"""The names of the tables that lead to a key, and the key's own."""


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """The line of each table and key, counted from 1; of a value on several lines, the first.

    Args:
        text: valid TOML.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _innermost(parsed)
            found.setdefault(table, number)
        else:
            for path in _paths(parsed):
                found.setdefault(table + path, number)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each table header, and each key with its value, and the line that it begins on."""
    begun: list[str] = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        begun.append(line)
        if _is_toml("".join(begun)):
            yield number - len(begun) + 1, "".join(begun)
            begun = []


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def _innermost(parsed: Mapping[str, Any]) -> KeyPath:
    names: list[str] = []
    here: Any = parsed
    while isinstance(here, dict) and here:
        name, here = next(iter(here.items()))
        names.append(name)
    return tuple(names)


def _paths(parsed: Mapping[str, Any]) -> Iterator[KeyPath]:
    for name, value in parsed.items():
        yield (name,)
        if isinstance(value, dict):
            for path in _paths(value):
                yield (name, *path)
