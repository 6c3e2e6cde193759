"""The options that take values from a profile or a recipe of the configuration."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from photopipe.cli.config_file.layers import layers_of
from photopipe.cli.options.completions import complete_profile, complete_recipe
from photopipe.cli.options.options import option

Command = TypeVar("Command", bound=Callable[..., Any])

NAMES_OF_SOURCES = ("lists", "card")
"""Parameters that name photos; on the command line they take the place of the profile's sources, as a SOURCE does."""


def _choose_profile(context: click.Context, _parameter: click.Parameter, name: str | None) -> None:
    layers = layers_of(context)
    layers.choose_profile(name)
    context.default_map = layers.values()


def _choose_recipe(context: click.Context, _parameter: click.Parameter, name: str | None) -> None:
    layers = layers_of(context)
    is_given = context.get_parameter_source("recipe") in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
    layers.choose_recipe(name if is_given else None)
    context.default_map = layers.values()


profile_option = option(
    "--profile",
    metavar="NAME",
    is_eager=True,
    expose_value=False,
    callback=_choose_profile,
    section="Photos",
    brief="Take sources, galleries and options from [profile.NAME].",
    shell_complete=complete_profile,
    help="Take sources, recipe, galleries and other options from [profile.NAME] of the configuration.",
)
recipe_option = option(
    "--recipe",
    metavar="NAME",
    is_eager=True,
    expose_value=False,
    callback=_choose_recipe,
    section="Picture",
    brief="Take the picture's options from [recipes.NAME].",
    shell_complete=complete_recipe,
    help="Take the options about the picture from [recipes.NAME] of the configuration.",
)


def profile_options(command: Command) -> Command:
    """Give a command the options `--profile` and `--recipe`, which fill in the values of the others."""
    return profile_option(recipe_option(command))


def chosen_sources(context: click.Context, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The sources of a run: those of the command line, or those of the profile if no photos are named there.

    Args:
        context: of the running command.
        sources: those of the command line.
    """
    is_named = any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in NAMES_OF_SOURCES)
    return sources if sources or is_named else layers_of(context).sources()
