"""Values in the configuration file: what type each must have, and what a path in it is relative to."""

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import click

RELATIVE_TO_SOURCES: Final = frozenset({"require-marker"})
"""Options that name a file by its path in each source folder."""


def key_of(option: click.Option) -> str:
    """The option's key in the configuration: its long name."""
    return next(flag for flag in option.opts if flag.startswith("--")).removeprefix("--")


def keys_of(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their keys in the configuration."""
    return {key_of(option): option for option in command.params if isinstance(option, click.Option)}


def read_value(option: click.Option, value: Any, folder: str) -> Any:
    """The value of an option as click takes it from a default map.

    Args:
        option: whose value it is.
        value: what TOML has.
        folder: what relative paths are relative to.

    Raises:
        ValueError: the option cannot have this value; the message says why.
    """
    if option.multiple:
        return [_read_one(option, one, folder) for one in (value if isinstance(value, list) else [value])]
    return _read_one(option, value, folder)


def resolve_path(text: str, folder: str) -> str:
    """A path from the configuration: `~` is a home folder, and what is relative is relative to `folder`.

    An address, `-` for a standard stream, and an empty text are left as they are.
    """
    if text in {"", "-"} or "://" in text:
        return text
    return os.path.normpath(os.path.join(folder, os.path.expanduser(text)))


def resolve_source(text: str, folder: str) -> str:
    """Likewise for what photos are taken from, where `camera:` is no path."""
    return text if text.startswith("camera:") else resolve_path(text, folder)


def _read_one(option: click.Option, value: Any, folder: str) -> Any:
    value = value.isoformat() if isinstance(value, date | datetime) and option.type.name == "time" else value
    expected = _expected(option)
    if expected:
        types, words = expected
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise ValueError(f"this is {_shown(value)}; write {words}.")
    if isinstance(value, str):
        value = _with_path_resolved(option, value, folder)
    try:
        option.type.convert(value, None, None)
    except click.UsageError as error:
        raise ValueError(error.format_message().removeprefix("Invalid value: ")) from None
    return value


def _expected(option: click.Option) -> tuple[tuple[type, ...], str]:
    """The types of TOML that an option's value may have, and what they are called."""
    if option.is_flag:
        return (bool,), "true or false"
    if isinstance(option.type, click.types.IntParamType):
        return (int,), "a whole number, without quotes"
    if isinstance(option.type, click.types.FloatParamType):
        return (int, float), "a number, without quotes"
    if isinstance(option.type, click.Choice):
        return (str,), f"one of {', '.join(map(str, option.type.choices))}"
    if isinstance(option.type, click.Path | click.types.StringParamType):
        return (str,), "a text in quotes"
    return (str, int, float), "a text in quotes or a number"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else repr(value)


def _after(text: str, folder: str) -> str:
    action, colon, target = text.partition(":")
    return f"{action}:{resolve_path(target, folder)}" if action == "move" and target else f"{action}{colon}{target}"


def _watermark(text: str, folder: str) -> str:
    return resolve_path(text, folder) if text.lower().endswith(".png") else text


PATHS_INSIDE: Final[dict[str, Callable[[str, str], str]]] = {
    "after": _after,
    "archive": resolve_path,
    "report": resolve_path,
    "watermark": _watermark,
}
"""Options that are not of the type of a path, and may have one in their value."""


def _with_path_resolved(option: click.Option, value: str, folder: str) -> str:
    key = key_of(option)
    if key in PATHS_INSIDE:
        return PATHS_INSIDE[key](value, folder)
    is_path = isinstance(option.type, click.Path) and key not in RELATIVE_TO_SOURCES
    return resolve_path(value, folder) if is_path else value
