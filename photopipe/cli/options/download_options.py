"""The options that say which photos are taken from a source, and the download settings that they make."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from photopipe.cli.options.options import DURATION, option
from photopipe.cli.options.selection_options import SELECTION_OPTIONS, SELECTION_PARAMETERS, selection_settings
from photopipe.settings import DownloadSettings

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS: Final = (
    *SELECTION_OPTIONS,
    option(
        "--settle",
        type=DURATION,
        help="How long a file must have been unchanged before it is read. Default: 2s, on a network 10s.",
    ),
)

DOWNLOAD_OPTIONS: Final = frozenset({"settle"}) | SELECTION_PARAMETERS
"""The parameters of `download_settings` that click fills."""


def download_options(command: Command) -> Command:
    """Give a command the options that `download_settings` reads."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def download_settings(sources: tuple[str, ...], *, settle: float | None, **others: Any) -> DownloadSettings:
    """The download settings that the values of the options make; `others` are settings of the same name."""
    chosen = {name: one for name, one in selection_settings(**others).items() if one is not None}
    return DownloadSettings(sources, settle_s=settle, **chosen)
