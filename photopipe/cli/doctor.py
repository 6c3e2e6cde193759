"""`photopipe doctor`: look at everything that a run needs, and say what to do about what is wrong."""

import os
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.options.completions import complete_gallery
from photopipe.cli.options.config import gallery_folder_of_runs
from photopipe.cli.options.options import option
from photopipe.cli.options.upload_options import configured_galleries, login_options, upload_settings
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.doctor import CheckResult, Examined, examine
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.report.records import json_line
from photopipe.settings import UploadSettings

COLORS: Final = {"good": "green", "warning": "yellow", "bad": "red"}


@command(short_help="Look for whatever would keep photos from arriving.")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]", type=click.Path())
@option(
    "--to",
    multiple=True,
    metavar="URL|NAME",
    shell_complete=complete_gallery,
    help="Gallery to look at. Default: all that are configured.",
)
@login_options
@option(
    "--gallery-dir",
    type=click.Path(),
    default=gallery_folder_of_runs,
    help="Folder of the embedded gallery. Default: photopipe in your picture folder.",
)
@JOURNAL
@option("--json", "as_json", is_flag=True, help="Write a JSON object per line to stdout.")
@click.pass_context
def doctor(
    context: click.Context,
    /,
    *,
    sources: tuple[str, ...],
    to: tuple[str, ...],
    gallery_dir: str,
    journal: str,
    as_json: bool,
    **login: Any,
) -> None:
    """Look at the installation, the configuration, the journal, the disks, each SOURCE and each gallery.

    Every line is good, a warning or bad, and says what to do. Nothing is changed, and nothing is uploaded.

    Exit codes: 0 nothing is bad, 1 something is.
    """
    tables, config_path = configured_galleries(context)
    uploads, unusable = _galleries(context, to or tuple(tables), login)
    examined = Examined(
        config_path,
        has_secrets=any("token" in table for table in tables.values()),
        token_files=[str(table["token_file"]) for table in tables.values() if "token_file" in table],
        journal_path=journal,
        gallery_folder=None if uploads or unusable else gallery_dir,
        sources=sources,
        uploads=uploads,
    )
    console, is_bad = Console(), False
    for result in chain(examine(examined), unusable):
        is_bad |= result.verdict == "bad"
        console.data(_as_json(result) if as_json else _as_text(result))
    context.exit(ExitCode.FAILED if is_bad else ExitCode.DONE)


def _galleries(
    context: click.Context, names: Sequence[str], login: Mapping[str, Any]
) -> tuple[list[UploadSettings], list[CheckResult]]:
    """The settings of the galleries, and what is wrong with those that have none."""
    uploads: list[UploadSettings] = []
    unusable = []
    for name in names:
        try:
            uploads += upload_settings(context, to=(name,), **login)
        except UsageError as error:
            unusable.append(CheckResult("bad", f"gallery {name}" if "://" not in name else "gallery", str(error)))
    return uploads, unusable


def _as_json(result: CheckResult) -> str:
    fields = {"verdict": result.verdict, "subject": result.subject, "message": result.message, "advice": result.advice}
    return json_line("check", fields)


def _as_text(result: CheckResult) -> str:
    verdict = f"{result.verdict:<7}"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        verdict = click.style(verdict, fg=COLORS[result.verdict])
    advice = f"\n         {printable(result.advice)}" if result.advice else ""
    return f"{verdict}  {printable(result.subject)}: {printable(result.message)}{advice}"
