"""The options that name files about a run, and what is made of them."""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from photopipe.cli.options.options import option, with_options
from photopipe.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])
KINDS: Final = (".ndjson", ".csv", ".html")
"""Extensions of reports."""
THUMBNAIL_PX: Final = 160
"""Longest side of a picture in the contact sheet."""


class _ReportPath(click.ParamType[str]):
    """A file whose extension says which kind of report it is."""

    name = "report"
    envvar_list_splitter = os.pathsep

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        path = os.fsdecode(value)
        if kind_of_report(path) not in KINDS:
            self.fail(f"{path!r}: its extension says what is written; it can be {', '.join(KINDS)}.", param, ctx)
        return path


REPORT_OPTIONS: Final = (
    option(
        "--report",
        type=_ReportPath(),
        multiple=True,
        metavar="FILE",
        section="Output",
        brief="Write what became of each photo, as .html, .csv or .ndjson.",
        help="Write what became of each photo into FILE.html (a page with a contact sheet), FILE.csv or FILE.ndjson. "
        "Repeatable.",
    ),
    option(
        "--failed-to",
        type=click.Path(),
        metavar="FILE",
        section="Output",
        rare=True,
        help="Write the paths of photos that failed or are left over into FILE, separated by zero bytes, for "
        "--files-from FILE -0.",
    ),
    option(
        "--trace",
        type=click.Path(),
        metavar="FILE",
        section="Output",
        rare=True,
        help="Write what each worker did and when into FILE, for https://ui.perfetto.dev.",
    ),
)


report_options = with_options(*REPORT_OPTIONS)
"""Give a command the options that name files about a run."""


def kind_of_report(path: str) -> str:
    """The extension, in lower case."""
    return os.path.splitext(path)[1].lower()


def thumbnail_side_px(reports: tuple[str, ...]) -> int:
    """How large the small pictures are that these reports need; 0 if they need none."""
    return THUMBNAIL_PX if any(kind_of_report(path) == ".html" for path in reports) else 0


def check_reports(*outputs: str | None) -> None:
    """Make sure that no two outputs are the same file.

    Raises:
        UsageError: they are.
    """
    paths = [os.path.realpath(path) for path in outputs if path]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"{path}: two outputs cannot be written into the same file; name another one.")
