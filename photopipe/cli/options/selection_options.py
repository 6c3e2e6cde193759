"""The options that say which of the photos in a source are taken."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import click

from photopipe.cli.options.options import option
from photopipe.errors import UsageError
from photopipe.settings import LAST_RUN

AGES: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class _Pattern(click.types.StringParamType):
    """A pattern as in a `.gitignore`; in the environment one a line, because it may contain spaces."""

    name = "pattern"
    envvar_list_splitter = "\n"


class _Moment(click.ParamType[str]):
    """A moment, from a date, a date and time, an age such as `7d`, or `last-run`.

    Args:
        is_end: whether a day counts to its end, and the last run does not count.
    """

    name = "time"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        if text == LAST_RUN and not self._is_end:
            return text
        try:
            return (_age(text) or self._day(text) or datetime.fromisoformat(text).astimezone()).isoformat()
        except (ValueError, OverflowError):
            last_run = "" if self._is_end else f", or {LAST_RUN}"
            self.fail(
                f"{text!r} is not a time; write a date (2024-05-01), a date and time (2024-05-01T18:30), "
                f"an age (12h, 7d, 2w){last_run}.",
                param,
                ctx,
            )

    def _day(self, text: str) -> datetime | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return datetime.combine(day + timedelta(days=self._is_end), time()).astimezone()


def _age(text: str) -> datetime | None:
    parts = re.fullmatch(r"(\d{1,5})([hdw])", text, re.ASCII)
    return datetime.now().astimezone() - int(parts[1]) * AGES[parts[2]] if parts else None


SELECTION_OPTIONS: Final = (
    option(
        "--include",
        section="Photos",
        brief="Take only files that match this .gitignore pattern.",
        type=_Pattern(),
        multiple=True,
        help="Take only photos whose path in SOURCE matches this pattern, written as in a .gitignore. Can be repeated.",
    ),
    option(
        "--exclude",
        section="Photos",
        brief="Leave alone what matches this pattern.",
        type=_Pattern(),
        multiple=True,
        help="Leave alone the files and folders that match this pattern, likewise.",
    ),
    option("--hidden", section="Photos", rare=True, is_flag=True, help="Look at hidden files and folders, too."),
    option(
        "--no-ignore-junk",
        section="Photos",
        rare=True,
        is_flag=True,
        help="Look at thumbnails, trash and the like, too.",
    ),
    option("--no-follow", section="Photos", rare=True, is_flag=True, help="Leave symbolic links in SOURCE alone."),
    option(
        "--pairs",
        section="Photos",
        brief="Which to take of a RAW file and a JPEG of one shot.",
        type=click.Choice(["jpeg", "raw", "both"]),
        default="jpeg",
        help="Of a RAW file and a JPEG of the same shot, or HEIC and JPEG: which to upload.",
    ),
    option(
        "--since",
        section="Photos",
        brief="Take only photos taken since: 2024-05-01, 7d, last-run.",
        type=_Moment(),
        help="Take only photos taken since then: 2024-05-01, 2024-05-01T18:30, 7d, last-run (the last one without an "
        "error).",
    ),
    option(
        "--until",
        section="Photos",
        type=_Moment(is_end=True),
        help="Take only photos taken until then; a day is included.",
    ),
    option(
        "--min-rating",
        section="Photos",
        rare=True,
        type=click.IntRange(1, 5),
        help="Take only photos that were rated with so many stars.",
    ),
    option(
        "--newest",
        section="Photos",
        rare=True,
        type=click.IntRange(min=1),
        metavar="N",
        help="Take only the N photos whose files changed last. They are looked for in all of SOURCE first.",
    ),
)

SELECTION_PARAMETERS: Final = frozenset(
    {"include", "exclude", "hidden", "no_ignore_junk", "no_follow", "pairs", "since", "until", "min_rating", "newest"}
)
"""The parameters of `selection_settings` that click fills."""


def selection_settings(
    *, no_ignore_junk: bool, no_follow: bool, since: str | None, until: str | None, **others: Any
) -> dict[str, Any]:
    """The download settings that the values of these options make; `others` are settings of the same name.

    Raises:
        UsageError: no photo could be selected.
    """
    if since not in {None, LAST_RUN} and until and datetime.fromisoformat(since or "") >= datetime.fromisoformat(until):
        raise UsageError(
            f"--since ({since}) is not before --until ({until}), so that no photo could be taken. Change one of them."
        )
    return {"ignore_junk": not no_ignore_junk, "follow": not no_follow, "since": since, "until": until, **others}
