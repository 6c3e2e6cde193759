"""Defaults from outside the code: the folders of the platform, and the configuration file."""

import os
from collections.abc import Mapping
from typing import Final, Literal

import click

from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.read_tables import read_configuration

CONFIG_VARIABLE: Final = "PHOTOPIPE_CONFIG"


def default_config_path() -> str:
    """The configuration file that is read if there is one."""
    import platformdirs

    return os.path.join(platformdirs.user_config_dir("photopipe"), "config.toml")


def default_journal_path() -> str:
    """The journal's file on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_state_dir("photopipe"), "journal.sqlite")


def default_gallery_folder() -> str:
    """The embedded gallery's folder on this platform."""
    import platformdirs

    return os.path.join(platformdirs.user_pictures_dir(), "photopipe")


def value_of_runs(name: str) -> str | None:
    """What the configuration says under [process] for an option, given the name of its parameter; None if nothing."""
    tables = click.get_current_context().find_root().default_map or {}
    value = tables.get("process", {}).get(name)
    return str(value) if value else None


def journal_of_runs() -> str:
    """The journal that `photopipe process` uses by the configuration, or by default."""
    return value_of_runs("journal") or default_journal_path()


def gallery_folder_of_runs() -> str:
    """The embedded gallery's folder that `photopipe process` uses by the configuration, or by default."""
    return value_of_runs("gallery_dir") or default_gallery_folder()


def read_config(named: str | None, commands: Mapping[str, click.Command]) -> Configuration:
    """The configuration: the file that is named, or the platform's; what is wrong in it is in `problems`.

    Args:
        named: the file, which must exist; None for the platform's, if there is one.
        commands: the commands it may have values for.

    Raises:
        UsageError: it cannot be read, or is not TOML.
    """
    return read_configuration(named or default_config_path(), commands, is_named=bool(named))


def configured_names(kind: Literal["galleries", "recipes", "profile"], path: str | None = None) -> list[str]:
    """The names of all galleries, recipes or profiles, for shell completion; none if the file cannot be read.

    Args:
        kind: the name of the table that holds them.
        path: the configuration; None for the one of the environment or the platform.
    """
    import tomllib

    try:
        with open(path or os.environ.get(CONFIG_VARIABLE) or default_config_path(), "rb") as file:
            tables = tomllib.load(file).get(kind)
    except (OSError, ValueError):  # a completion has nowhere to say what is wrong; the command will
        return []
    return sorted(tables) if isinstance(tables, dict) else []
