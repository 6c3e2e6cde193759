"""What a shell may complete a value to: names in the configuration. A completion never says what is wrong there."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import click

from photopipe.cli.options.config import configured_names

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list["CompletionItem[str]"]]


def complete_names(kind: Literal["galleries", "recipes", "profile"]) -> Completer:
    """What completes the beginning of a name in the configuration.

    Args:
        kind: the name of the table that holds them.
    """

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list["CompletionItem[str]"]:
        from click.shell_completion import CompletionItem

        del parameter
        names = configured_names(kind, context.find_root().params.get("config"))
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return complete


complete_gallery = complete_names("galleries")
complete_profile = complete_names("profile")
complete_recipe = complete_names("recipes")
