"""The options that say which photos are taken from a source, and the download settings that they make."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from photopipe.cli.options.options import AMOUNT, DURATION, option, with_options
from photopipe.cli.options.selection_options import SELECTION_OPTIONS, SELECTION_PARAMETERS, selection_settings
from photopipe.errors import UsageError
from photopipe.settings import AfterAction, DownloadSettings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])


class _After(click.ParamType[tuple[AfterAction, str | None]]):
    """What becomes of the files of a photo that is in every gallery, and where they are moved to."""

    name = "after"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[AfterAction, str | None]:
        if isinstance(value, tuple):
            return value
        action, _, folder = str(value).partition(":")
        if action == "move" and folder:
            return "move", os.path.abspath(folder)
        if value not in ("keep", "trash", "delete"):
            self.fail(f"{value!r} is none of keep, move:DIR, trash and delete.", param, ctx)
        return cast("AfterAction", value), None

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list["CompletionItem[str]"]:
        """What a shell may complete it to."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(one) for one in ("keep", "move:", "trash", "delete") if one.startswith(incomplete)]


OPTIONS: Final = (
    *SELECTION_OPTIONS,
    option(
        "--files-from",
        "lists",
        section="Photos",
        brief="Take the photos that this file names; -: standard input.",
        metavar="FILE|-",
        multiple=True,
        type=click.Path(),
        help="Take the photos this file names, one a line; -: those that standard input names. May be repeated.",
    ),
    option(
        "-0",
        "--null",
        "null_separated",
        section="Photos",
        rare=True,
        is_flag=True,
        help="Zero bytes, not line ends, separate those names.",
    ),
    option(
        "--spool-bytes",
        section="Speed and limits",
        rare=True,
        type=AMOUNT,
        shown_default="2G",
        help="How much may wait on this disk of what is fetched from servers and cameras.",
    ),
    option(
        "--settle",
        section="Photos",
        rare=True,
        type=DURATION,
        help="How long a file must have been unchanged before it is read. Default: 2s, on a network 10s.",
    ),
    option(
        "--max-file-size",
        section="Photos",
        rare=True,
        type=AMOUNT,
        metavar="BYTES",
        help="Refuse larger files before they are read. Default: 1G, for TIFF 4.3G.",
    ),
    option(
        "--require-marker",
        section="Photos",
        rare=True,
        type=click.Path(),
        metavar="FILE",
        help="Only go on if this file is in each source folder, which shows that it is mounted.",
    ),
    option(
        "--after",
        section="Originals",
        brief="What becomes of the files of uploaded photos.",
        type=_After(),
        default="keep",
        metavar="keep|move:DIR|trash|delete",
        help="What becomes of a photo's file when it is in every gallery; docs/after.md has the rules. Galleries get "
        "renditions: without --original or --archive, `delete` removes the only full-size copy.",
    ),
    option(
        "--archive",
        section="Originals",
        metavar="DIR/{date:%Y/%Y-%m-%d}",
        help="Folder that gets a verified copy of each photo's file. Fields: {date}, {camera}, {folder}, {name}.",
    ),
)

OWN_PARAMETERS: Final = frozenset(
    {"lists", "null_separated", "spool_bytes", "settle", "max_file_size", "require_marker", "after", "archive"}
)
DOWNLOAD_OPTIONS: Final = OWN_PARAMETERS | SELECTION_PARAMETERS
"""The parameters of `download_settings` that click fills."""


download_options = with_options(*OPTIONS)
"""Give a command the options that `download_settings` reads."""


def download_settings(
    sources: tuple[str, ...],
    *,
    settle: float | None,
    max_file_size: int | None,
    after: tuple[AfterAction, str | None],
    **others: Any,
) -> DownloadSettings:
    """The download settings that the values of the options make; `others` are settings of the same name.

    Raises:
        UsageError: no photos are named at all.
    """
    if not sources and not others["lists"]:
        raise UsageError(
            "no photos are named. Give a SOURCE (a folder or a photo), a list of them by --files-from, or --card."
        )
    own = {name: others.pop(name) for name in OWN_PARAMETERS & others.keys()}
    own |= {"settle_s": settle, "max_file_bytes": max_file_size, "after": after[0], "after_folder": after[1]}
    others = selection_settings(**others) | own
    return DownloadSettings(sources, **{name: one for name, one in others.items() if one is not None})
