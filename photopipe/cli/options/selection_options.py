"""The options that say which of the photos in a source are taken."""

from typing import Any, Final

import click

from photopipe.cli.options.options import option


class _Pattern(click.types.StringParamType):
    """A pattern as in a `.gitignore`; in the environment one a line, because it may contain spaces."""

    name = "pattern"
    envvar_list_splitter = "\n"


SELECTION_OPTIONS: Final = (
    option(
        "--include",
        type=_Pattern(),
        multiple=True,
        help="Take only photos whose path in SOURCE matches this pattern, written as in a .gitignore. Can be repeated.",
    ),
    option(
        "--exclude",
        type=_Pattern(),
        multiple=True,
        help="Leave alone the files and folders that match this pattern, likewise.",
    ),
    option("--hidden", is_flag=True, help="Look at hidden files and folders, too."),
    option("--no-ignore-junk", is_flag=True, help="Look at thumbnails, trash and the like, too."),
    option("--no-follow", is_flag=True, help="Leave symbolic links in SOURCE alone."),
    option(
        "--pairs",
        type=click.Choice(["jpeg", "raw", "both"]),
        default="jpeg",
        help="Of a RAW file and a JPEG of the same shot, or HEIC and JPEG: which to upload.",
    ),
    option(
        "--newest",
        type=click.IntRange(min=1),
        metavar="N",
        help="Take only the N photos whose files changed last. They are looked for in all of SOURCE first.",
    ),
)

SELECTION_PARAMETERS: Final = frozenset(
    {"include", "exclude", "hidden", "no_ignore_junk", "no_follow", "pairs", "newest"}
)
"""The parameters of `selection_settings` that click fills."""


def selection_settings(*, no_ignore_junk: bool, no_follow: bool, **others: Any) -> dict[str, Any]:
    """The download settings that the values of these options make; `others` are settings of the same name."""
    return {"ignore_junk": not no_ignore_junk, "follow": not no_follow, **others}
