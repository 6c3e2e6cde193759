"""The options that say which photos are taken from a source, and the download settings that they make."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from photopipe.cli.options.options import AMOUNT, DURATION, option
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
    option(
        "--max-file-size",
        type=AMOUNT,
        metavar="BYTES",
        help="Refuse larger files before they are read. Default: 1G, for TIFF 4.3G.",
    ),
    option(
        "--require-marker",
        type=click.Path(),
        metavar="FILE",
        help="Only go on if this file is in each source folder, which shows that it is mounted.",
    ),
)

DOWNLOAD_OPTIONS: Final = frozenset({"settle", "max_file_size", "require_marker"}) | SELECTION_PARAMETERS
"""The parameters of `download_settings` that click fills."""


def download_options(command: Command) -> Command:
    """Give a command the options that `download_settings` reads."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def download_settings(
    sources: tuple[str, ...], *, settle: float | None, max_file_size: int | None, **others: Any
) -> DownloadSettings:
    """The download settings that the values of the options make; `others` are settings of the same name."""
    others = selection_settings(**others) | {"settle_s": settle, "max_file_bytes": max_file_size}
    return DownloadSettings(sources, **{name: one for name, one in others.items() if one is not None})
