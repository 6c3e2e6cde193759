"""`photopipe explain`: what was decided about a photo, when and why, and what the next run would do with it."""

from collections.abc import Mapping
from typing import Any

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.explanation_text import explanation_lines
from photopipe.cli.journal.gallery_names import gallery_names
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.journal.recipe_words import recipe_fields
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.explain import ExplainedDelivery, Explanation
from photopipe.explain import explain as explain_photo
from photopipe.journal import PairRecord
from photopipe.report.records import json_line, path_fields


@command(short_help="Say what was decided about a photo, when and why.")
@click.argument("path", type=click.Path())
@option("--json", "as_json", is_flag=True, help="Write one JSON object to stdout.")
@JOURNAL
@click.pass_context
def explain(context: click.Context, /, *, path: str, as_json: bool, journal: str) -> None:
    """Say what was decided about the photo at PATH, when and why, and what `photopipe process` would do with it now.

    PATH is a file, or an address that is a source. A file that is not as it was recorded is read, but nothing is
    changed. Options of a run that leave photos out, such as --exclude, are not looked at.
    """
    explanation = explain_photo(journal, path)
    galleries = {one.delivery.gallery_id for one in explanation.deliveries}
    names = gallery_names(context, galleries)
    console = Console()
    if as_json:
        console.data(json_line("explanation", _fields(explanation, names)))
        return
    for line in explanation_lines(explanation, names):
        console.data(line)


def _fields(explanation: Explanation, names: Mapping[str, str]) -> dict[str, Any]:
    recorded = explanation.recorded
    return {
        **path_fields(explanation.key),
        "file": explanation.file,
        "problem": explanation.problem,
        "recorded": {
            "bytes": recorded.size_bytes,
            "mtime_ns": recorded.mtime_ns,
            "source_sha256": recorded.source_sha256,
        }
        if recorded
        else None,
        "source_sha256": explanation.source_sha256,
        "bytes": explanation.size_bytes,
        "deliveries": [_delivery_fields(one, names) for one in explanation.deliveries],
        "other_paths": [path_fields(path) for path in explanation.other_paths],
        "shown_by": _shown_by(explanation.pair),
        "next": explanation.next_step,
        "unwanted": explanation.unwanted,
    }


def _delivery_fields(one: ExplainedDelivery, names: Mapping[str, str]) -> dict[str, Any]:
    delivery = one.delivery
    return {
        "gallery": delivery.gallery_id,
        "name": names.get(delivery.gallery_id),
        "recipe_id": delivery.recipe_id,
        "recipe": recipe_fields(delivery.recipe),
        "state": delivery.state,
        "changed_at": delivery.changed_at,
        "url": delivery.url,
        "remote_id": delivery.remote_id,
        "sha256": delivery.sha256,
        "stage": delivery.stage,
        "reason": delivery.reason,
        "message": delivery.message,
        "attempts": delivery.attempts,
        "next": one.outlook,
    }


def _shown_by(pair: PairRecord | None) -> dict[str, str] | None:
    return path_fields(pair.shown_by) if pair else None
