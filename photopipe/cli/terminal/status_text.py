"""The status of a run in words."""

from collections.abc import Sequence
from typing import Final

from photopipe.files.characters import printable
from photopipe.report import RunStatus, StageStatus
from photopipe.report.amounts import photos_text, size_text

NAME_WIDTHS: Final = range(16, 33)
"""Columns for the names of the stages; those of an upload hold the gallery's name, which ends in a hash."""
NUMBERS_WIDTH: Final = 48
"""Columns of the rest of the line, in most runs."""


def time_text(seconds: float) -> str:
    """A time for people: `0:07`, `12:30`, `3:04:00`."""
    minutes, seconds_left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds_left:02}" if hours else f"{minutes}:{seconds_left:02}"


def status_sentence(status: RunStatus, *, watches: bool) -> str:
    """Everything in one line, for logs."""
    account = status.account
    totals = [
        f"{account.uploaded} uploaded",
        f"{account.skipped.total()} skipped",
        f"{account.failed} failed",
        f"{status.left} left",
    ]
    if account.would_upload:
        totals.insert(0, f"{account.would_upload} would be uploaded")
    stages = ", ".join(f"{printable(one.name)} {one.in_work}+{one.waiting}" for one in status.stages)
    parts = [
        f"{photos_text(status.found.photos)} found: {', '.join(totals)}",
        f"in work + waiting: {stages}",
        ", ".join([*_rates(status), _end(status, watches=watches)]),
    ]
    return "; ".join(parts)


def stage_lines(stages: Sequence[StageStatus], *, found: str = "", columns: int = 80) -> list[str]:
    """A line for each stage, in columns.

    Args:
        stages: in their order.
        found: what the line in front of theirs says, if there is to be one.
        columns: how long a line should be; names are shortened for that.
    """
    longest = min(max(NAME_WIDTHS.start, columns - NUMBERS_WIDTH), NAME_WIDTHS.stop - 1)
    done_width = max(len(str(stage.done)) for stage in stages)
    waiting_width = max(len(str(stage.waiting)) for stage in stages)
    rows = [("find", found)] if found else []
    rows += [
        (
            _short(printable(stage.name), longest),
            f"{stage.done:{done_width}} done  {stage.in_work:2} in work  {stage.waiting:{waiting_width}} waiting"
            + _per_s(stage.per_s),
        )
        for stage in stages
    ]
    name_width = max(len(name) for name, _ in rows)
    return [f"{name:{name_width}}  {text}" for name, text in rows]


def found_text(status: RunStatus, *, watches: bool) -> str:
    """What the sources have found, and what needs no work or has failed."""
    parts = [photos_text(status.found.photos), size_text(status.found.size_bytes)]
    if status.settling:
        parts.append(f"{status.settling} still being written")
    if status.account.skipped.total():
        parts.append(f"{status.account.skipped.total()} skipped")
    if status.account.failed:
        parts.append(f"{status.account.failed} failed")
    if not status.found.is_all:
        parts.append("watching" if watches else "finding ...")
    return ", ".join(parts)


def total_text(status: RunStatus) -> str:
    """How much is done, how fast, and how long the rest takes."""
    done, found = status.account.done_bytes, status.found.size_bytes
    how_much = f"{size_text(done)} of {size_text(found)}" if status.found.is_all else f"{size_text(done)} done"
    left = [f"{time_text(status.left_s)} left"] if status.left_s is not None else []
    return ", ".join([*left, how_much, *_rates(status)[1:]])


def _rates(status: RunStatus) -> list[str]:
    if status.per_s is None or status.bytes_per_s is None:
        return []
    return [f"{status.per_s:.1f} photos/s", f"{size_text(status.bytes_per_s)}/s"]


def _end(status: RunStatus, *, watches: bool) -> str:
    if watches:
        return "watching"
    if not status.found.is_all:
        return "still finding"
    return "time left unknown" if status.left_s is None else f"{time_text(status.left_s)} left"


def _per_s(per_s: float | None) -> str:
    return f"  {per_s:5.1f}/s" if per_s is not None else ""


def _short(name: str, longest: int) -> str:
    """A name that fits, without its middle."""
    return name if len(name) <= longest else f"{name[: longest - 6]}..{name[-4:]}"
