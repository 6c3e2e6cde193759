"""Write `docs/config.schema.json` from the options there are; a test fails until that was done.

python tests/update_config_schema.py
"""

import json
from pathlib import Path
from typing import Any, Final

import click

from photopipe.api import gallery_options, kinds_of_galleries
from photopipe.cli.commands import cli
from photopipe.cli.config_file.problem import GALLERIES
from photopipe.cli.config_file.read_tables import NOT_IN_A_RECIPE
from photopipe.cli.config_file.values import keys_of
from photopipe.cli.options.upload_options import LOGIN_KEYS, TABLE_OPTIONS
from photopipe.settings import UploadSettings

SCHEMA: Final = Path(__file__).parents[1] / "docs" / "config.schema.json"
NAMES: Final = {"pattern": "^[a-z][a-z0-9_-]{0,30}$"}
TEXTS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
ONE_OR_MORE: Final[dict[str, Any]] = {"anyOf": [{"type": "string", "minLength": 1}, TEXTS]}
RENDITIONS: Final[dict[str, Any]] = {
    "description": "A size, then perhaps a fit and a format, for each rendition; or the names of recipes.",
    "anyOf": [
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "integer"]}},
        TEXTS,
    ],
}
BY_TYPE: Final[dict[str, dict[str, Any]]] = {
    "duration": {
        "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\s*\d*\.?\d*[smhSMH]?\s*$"}]
    },
    "size": {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 65_000},
            {"type": "string", "pattern": r"^\s*\d{1,6}([xX]\d{1,6})?\s*$"},
        ]
    },
    "amount": {
        "anyOf": [
            {"type": "number", "minimum": 1},
            {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*[kmgKMG]?[bB]?\s*$"},
        ]
    },
    "color": {"type": "string", "pattern": "^\\s*(white|black|#[0-9a-fA-F]{6})\\s*$"},
}


def value_schema(option: click.Option) -> dict[str, Any]:
    """What the value of an option looks like."""
    one = _one_value(option)
    if option.multiple:
        one = {"anyOf": [one, {"type": "array", "items": one}]}
    return {"description": option.help or ""} | one


def _one_value(option: click.Option) -> dict[str, Any]:
    kind = option.type
    if option.is_flag:
        return {"type": "boolean"}
    if isinstance(kind, click.IntRange | click.FloatRange):
        limits = {"minimum": kind.min, "maximum": kind.max}
        number = "integer" if isinstance(kind, click.IntRange) else "number"
        return {"type": number} | {name: limit for name, limit in limits.items() if limit is not None}
    if isinstance(kind, click.Choice):
        return {"enum": list(kind.choices)}
    if isinstance(kind, click.Path | click.types.StringParamType):
        return {"type": "string"}
    return BY_TYPE.get(kind.name, {"type": ["string", "number"]})


def table_schema(options: dict[str, click.Option], description: str, **more: Any) -> dict[str, Any]:
    """What a table of options looks like; each key may be written with `_`, too."""
    properties = {key: value_schema(option) for key, option in options.items()} | more
    if "rendition" in properties:
        properties["renditions"] = RENDITIONS
    spelled = {key.replace("-", "_"): value for key, value in properties.items() if "-" in key}
    return {
        "description": description,
        "type": "object",
        "properties": properties | spelled,
        "additionalProperties": False,
    }


def gallery_schema() -> dict[str, Any]:
    """What the table of a gallery looks like; which keys it has depends on its kind."""
    keys = set().union(*(gallery_options(UploadSettings(kind=kind)) for kind in kinds_of_galleries()))
    properties: dict[str, Any] = {key: {} for key in keys | LOGIN_KEYS | TABLE_OPTIONS}
    properties |= {key: {"type": "string", "minLength": 1} for key in ("to", "user", "token", "token_file")}
    properties |= {"transfers": {"type": "integer", "minimum": 1, "maximum": 256}}
    spelled = {key.replace("_", "-"): value for key, value in properties.items() if "_" in key}
    names = dict(sorted((properties | spelled).items()))
    return {"type": "object", "properties": names, "required": ["to"], "additionalProperties": False}


def config_schema() -> dict[str, Any]:
    """The schema of the whole configuration."""
    commands = {name: keys_of(command) for name, command in cli.commands.items() if name != GALLERIES}
    line = commands["watch"] | commands["process"]
    profile = {key: option for key, option in line.items() if key != "profile"}
    recipe = {key: option for key, option in commands["resize"].items() if key not in NOT_IN_A_RECIPE}
    everything = {key: option for keys in commands.values() for key, option in keys.items()}
    tables = {
        name: table_schema(keys, f"Defaults for the options of `photopipe {name}`.")
        for name, keys in commands.items()
        if keys
    }
    tables["defaults"] = table_schema(everything, "Defaults for all commands that have the option.")
    tables["recipes"] = _named("Options about the picture.", table_schema(recipe, "One recipe."))
    sources = {"sources": ONE_OR_MORE, GALLERIES: ONE_OR_MORE}
    tables["profile"] = _named("For --profile NAME.", table_schema(profile, "One profile.", **sources))
    tables[GALLERIES] = {"description": "For --to NAME.", "type": "object", "additionalProperties": gallery_schema()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of photopipe",
        "type": "object",
        "properties": dict(sorted(tables.items())),
        "additionalProperties": False,
    }


def _named(description: str, table: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "type": "object", "propertyNames": NAMES, "additionalProperties": table}


def schema_text() -> str:
    """The schema as it is in the file."""
    return json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text())
