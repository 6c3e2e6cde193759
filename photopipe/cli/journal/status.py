"""`photopipe status`: how far the photos are in each gallery, how the last runs ended, and whether one is going on."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.gallery_names import gallery_names
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.journal.recipe_words import recipe_fields, recipe_words
from photopipe.cli.journal.times import local_time
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.files.characters import printable
from photopipe.journal import LockHolder, RunRecord, TargetCounts, lock_holder
from photopipe.journal_api import open_questions
from photopipe.report.records import json_line, path_fields

RUNS: Final = 5
"""How many of the last runs are shown."""
STATES: Final = {
    "uploaded": ("uploaded",),
    "failed": ("failed",),
    "quarantined": ("quarantined",),
    "in doubt": ("sending",),
    "not yet done": ("found", "rendered"),
}
"""Headings of the table, and the states of the journal that are counted under them."""


@command(short_help="Show how far everything is, and how the last runs ended.")
@JOURNAL
@option("--json", "as_json", is_flag=True, help="Write one JSON object to stdout.")
@click.pass_context
def status(context: click.Context, /, *, journal: str, as_json: bool) -> None:
    """Show how many photos each gallery has, how many failed, and how the last runs ended.

    A photo is counted once for each recipe it was to be made by. Photos in quarantine failed for good in three
    runs; of those in doubt it is not known whether they arrived, and the next run asks the gallery. The journal is
    only read, so that this can be asked while a run is going on.
    """
    holder = lock_holder(journal)
    with open_questions(journal) as questions:
        targets, runs = questions.counts(), questions.runs(RUNS)
    targets = [target for target in targets if target.states]
    names = gallery_names(context, {target.gallery_id for target in targets})
    console = Console()
    if as_json:
        console.data(json_line("status", _fields(journal, targets, names, runs, holder)))
        return
    for line in _lines(journal, targets, names, runs, holder):
        console.data(line)


def _by_gallery(targets: Iterable[TargetCounts]) -> dict[str, list[TargetCounts]]:
    galleries: dict[str, list[TargetCounts]] = {}
    for target in targets:
        galleries.setdefault(target.gallery_id, []).append(target)
    return galleries


def _counts(targets: Iterable[TargetCounts]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for target in targets:
        for heading, states in STATES.items():
            counts[heading] += sum(target.states.get(state, 0) for state in states)
    return counts


def how_it_ended(run: RunRecord, holder: LockHolder | None, *, is_last: bool) -> str:
    """`ended`; `running` if it is the one that holds the lock; otherwise `killed`."""
    if run.ended_at:
        return "ended"
    holds_lock = is_last and holder is not None and not _is_earlier(run.started_at, holder.started_at)
    return "running" if holds_lock else "killed"


def _is_earlier(moment: str, other: str | None) -> bool:
    """True if a run began before the lock was taken, so that another process has it."""
    return other is not None and datetime.fromisoformat(moment) < datetime.fromisoformat(other)


def _fields(
    journal: str,
    targets: Sequence[TargetCounts],
    names: Mapping[str, str],
    runs: Sequence[RunRecord],
    holder: LockHolder | None,
) -> dict[str, Any]:
    return {
        "journal": path_fields(journal),
        "galleries": [
            {
                "gallery": gallery_id,
                "name": names.get(gallery_id),
                **_words(_counts(its_targets)),
                "recipes": [
                    {"recipe_id": one.recipe_id, "recipe": recipe_fields(one.recipe), **_words(_counts([one]))}
                    for one in its_targets
                ],
            }
            for gallery_id, its_targets in _by_gallery(targets).items()
        ],
        "runs": [
            {
                "started_at": run.started_at,
                "ended_at": run.ended_at,
                "state": how_it_ended(run, holder, is_last=number == 0),
                "exit_code": run.exit_code,
                **dict.fromkeys(("found", "uploaded", "skipped", "failed", "left_over")),
                **run.counts,
            }
            for number, run in enumerate(runs)
        ],
        "lock": {"pid": holder.pid, "started_at": holder.started_at} if holder else None,
    }


def _words(counts: Mapping[str, int]) -> dict[str, int]:
    return {heading.replace(" ", "_"): count for heading, count in counts.items()}


def _lines(
    journal: str,
    targets: Sequence[TargetCounts],
    names: Mapping[str, str],
    runs: Sequence[RunRecord],
    holder: LockHolder | None,
) -> list[str]:
    if not os.path.exists(journal):
        return [f"{printable(journal)}: there is no journal yet; the first run makes it."]
    lines = [f"Journal: {printable(journal)}"]
    lines += [f"A run is going on{holder}." if holder else "No run is going on.", ""]
    lines += _table(targets, names) if targets else ["It knows of no photo."]
    if runs:
        lines += ["", "Last runs:"]
        lines += [_run_line(run, how_it_ended(run, holder, is_last=n == 0)) for n, run in enumerate(runs)]
    return lines


def _table(targets: Sequence[TargetCounts], names: Mapping[str, str]) -> list[str]:
    rows: list[tuple[str, dict[str, int]]] = []
    for gallery_id, its_targets in _by_gallery(targets).items():
        rows.append((printable(names.get(gallery_id, gallery_id)), _counts(its_targets)))
        if len(its_targets) > 1:
            rows += [(f"  {printable(recipe_words(one.recipe, one.recipe_id))}", _counts([one])) for one in its_targets]
    width = max(len(name) for name, _ in [("Gallery", {}), *rows])
    heading = f"{'Gallery':<{width}}  {'  '.join(f'{title:>8}' for title in STATES)}"
    return [heading, *(f"{name:<{width}}  {_cells(counts)}" for name, counts in rows)]


def _cells(counts: Mapping[str, int]) -> str:
    return "  ".join(f"{count:>{max(8, len(title))}}" for title, count in counts.items())


def _run_line(run: RunRecord, how: str) -> str:
    started = local_time(run.started_at)
    if not run.ended_at:
        return f"  {started}  {'still running' if how == 'running' else 'was killed before its end'}"
    seconds = (datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)).total_seconds()
    counts = ", ".join(f"{count or 0} {what.replace('_', ' ')}" for what, count in run.counts.items())
    return f"  {started}  {duration_words(seconds):>7}  exit code {run.exit_code}: {counts}"


def duration_words(seconds: float) -> str:
    """A duration in the two largest units that matter: `3.2 s`, `5 min`, `2 h 05`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02}"
