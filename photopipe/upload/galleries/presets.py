"""Presets: sets of options for known galleries, kept as data in `presets.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from photopipe.errors import UsageError

TABLES: Final = ("fields", "headers")
"""Options whose entries are set one by one."""


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """All presets by name."""
    return tomllib.loads(files("photopipe.upload.galleries").joinpath("presets.toml").read_text("utf-8"))


def with_preset(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options together with those of the preset they name; their own take precedence.

    Raises:
        UsageError: there is no such preset.
    """
    own = {name: value for name, value in options.items() if name != "preset"}
    if "preset" not in options:
        return own
    name = options["preset"]
    if not isinstance(name, str) or name not in presets():
        raise UsageError(f"the option preset must be one of {', '.join(presets())}")
    preset = presets()[name]
    merged = {table: {**preset.get(table, {}), **own[table]} for table in TABLES if isinstance(own.get(table), Mapping)}
    return {**preset, **own, **merged}
