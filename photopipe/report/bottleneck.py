"""Which stage a run waited for, in a sentence."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from photopipe.pipeline import LineStats, WorkerStats

NAMES: Final = {"download": "reading", "resize": "resizing", "upload": "uploading", "after": "removing what is done"}
CLEAR_SHARE: Final = 0.5
"""A stage whose workers were busy for less of the time held up nobody."""
TOLD_SHARE: Final = 0.1
"""Waiting that took less of the time is not worth a sentence."""


def bottleneck_text(stats: LineStats, seconds: float) -> str:
    """Name the stage whose workers were busy the most, and who waited for it.

    Args:
        stats: of the whole run, when it has ended.
        seconds: how long the run took.
    """
    stage = stats.bottleneck
    if stage is None or seconds <= 0:
        return "No photo was worked on."
    workers = [worker for worker in stats.workers if worker.stage == stage]
    share = busy_share(workers, seconds)
    many = "its worker was" if len(workers) == 1 else f"its {len(workers)} workers were"
    if share < CLEAR_SHARE:
        return (
            f"No stage held up the others: {stage_name(stage)} had the most to do, and {many} busy {share:.0%} of the "
            f"time.{_source_wait(stats, seconds)}"
        )
    sentence = f"{stage_name(stage).capitalize()} was the bottleneck: {many} busy {share:.0%} of the time"
    waits = _waits(stats, stage, seconds)
    return f"{sentence}; {' and '.join(waits)}." if waits else f"{sentence}."


def busy_share(workers: Sequence[WorkerStats], seconds: float) -> float:
    """The share of the time that these workers were busy, 0 to 1."""
    return min(1.0, sum(worker.busy_s for worker in workers) / (len(workers) * seconds))


def stage_name(stage: str) -> str:
    """What a stage does, as a word for people."""
    kind, _, gallery = stage.partition(" to ")
    return NAMES.get(kind, kind) + (f" to {gallery}" if gallery else "")


def _source_wait(stats: LineStats, seconds: float) -> str:
    """A sentence if the line waited for the source."""
    first = stats.queues[0]
    readers = sum(worker.stage == first.name for worker in stats.workers)
    share = _share(first.get_wait_s, readers, seconds)
    if share < CLEAR_SHARE:
        return ""
    return f" For {share:.0%} of it there was no photo to start with: they were being found, or had just been written."


def _waits(stats: LineStats, stage: str, seconds: float) -> list[str]:
    """Who waited: the stage before it for room, the stage after it for photos."""
    counts = Counter(worker.stage for worker in stats.workers)
    stages = [queue.name for queue in stats.queues if queue.name in counts]
    if any(" to " in name for name in stages):
        return []  # galleries side by side: before and after say little
    at = stages.index(stage)
    queues = {queue.name: queue for queue in stats.queues}
    waits = []
    if at > 0 and (share := _share(queues[stage].put_wait_s, counts[stages[at - 1]], seconds)) >= TOLD_SHARE:
        waits.append(f"{stage_name(stages[at - 1])} waited for it {share:.0%} of the time")
    if at + 1 < len(stages):
        after = stages[at + 1]
        if (share := _share(queues[after].get_wait_s, counts[after], seconds)) >= TOLD_SHARE:
            waits.append(f"{stage_name(after)} had nothing to do {share:.0%} of the time")
    return waits


def _share(waited_s: float, threads: int, seconds: float) -> float:
    return min(1.0, waited_s / (threads * seconds))
