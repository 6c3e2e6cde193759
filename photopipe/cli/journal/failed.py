"""`photopipe failed`: which photos failed, and why."""

import os
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from photopipe.cli.help.command import command
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.journal.recipe_words import recipe_fields
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.journal import FailedDelivery
from photopipe.journal_api import open_questions, paths_now
from photopipe.report.records import json_line, path_fields

IN_DOUBT = "an earlier run was stopped while this was being sent; the next one asks the gallery whether it has it"


@command(short_help="List the photos that failed, and why.")
@option("-0", "--null", "null", is_flag=True, help="Write only paths, each with a zero byte behind it.")
@option("--in-doubt", is_flag=True, help="List those instead of which it is not known whether they arrived.")
@option("--json", "as_json", is_flag=True, help="Write a JSON object per photo and gallery to stdout.")
@JOURNAL
def failed(*, null: bool, in_doubt: bool, as_json: bool, journal: str) -> None:
    """List the photos that failed when they were last tried, and those in quarantine: path, reason and message.

    They are separated by tabs, one photo a line; the reasons are those of --json. The next run tries failed
    photos again by itself, and those in quarantine after `photopipe retry`. These paths can be sent at once:

      photopipe failed -0 | photopipe process --files-from - -0
    """
    if null and as_json:
        raise UsageError("--null and --json cannot be used together")
    console = Console()
    with open_questions(journal) as questions:
        failures = questions.failures(in_doubt=in_doubt)
        if null:
            _write_paths(failures, console)
            return
        failures = _where_they_are(failures)
        lines = map(_as_json, failures) if as_json else _as_text(failures)
        for line in lines:
            console.data(line)


def _where_they_are(failures: Iterable[FailedDelivery]) -> Iterator[FailedDelivery]:
    """The same, with the paths of today of what is on a memory card that is in."""
    path_now = paths_now()
    return (failure._replace(key=path_now(failure.key) or failure.key) for failure in failures)


def _write_paths(failures: Iterable[FailedDelivery], console: Console) -> None:
    """Paths byte for byte, each once; a photo on a memory card that is not in cannot be given to anybody."""
    path_now, missing = paths_now(), 0
    for key, _ in groupby(failures, key=lambda failure: failure.key):
        path = path_now(key)
        if path is None:
            missing += 1
        else:
            sys.stdout.buffer.write(os.fsencode(path) + b"\0")
    if missing:
        console.message(
            f"{missing} more are on memory cards that are not in; `photopipe failed` without -0 lists them."
        )


def _as_text(failures: Iterable[FailedDelivery]) -> Iterator[str]:
    """A line for each path and what is to be said of it, however many galleries and recipes it is said of."""
    for path, of_path in groupby(failures, key=lambda failure: failure.key):
        lines = (f"{failure.delivery.reason or 'in_doubt'}\t{_message(failure)}" for failure in of_path)
        yield from (f"{printable(path)}\t{line}" for line in dict.fromkeys(lines))


def _message(failure: FailedDelivery) -> str:
    message = printable(failure.delivery.message or IN_DOUBT)
    return f"in quarantine: {message}" if failure.delivery.state == "quarantined" else message


def _as_json(failure: FailedDelivery) -> str:
    delivery = failure.delivery
    fields = {
        **path_fields(failure.key),
        "state": "in_doubt" if delivery.state == "sending" else delivery.state,
        "stage": delivery.stage,
        "reason": delivery.reason,
        "message": delivery.message,
        "attempts": delivery.attempts,
        "changed_at": delivery.changed_at,
        "gallery": delivery.gallery_id,
        "recipe_id": delivery.recipe_id,
        "recipe": recipe_fields(delivery.recipe),
        "source_sha256": failure.source_sha256,
    }
    return json_line("failure", fields)
