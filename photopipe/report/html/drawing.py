"""Lanes of the timeline as paths of an SVG picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from photopipe.pipeline import LineStats
from photopipe.report.bottleneck import busy_share, stage_name
from photopipe.report.timeline import Timeline

HEIGHT: Final = 20
"""Of a lane, in units of its picture; a step of the timeline is one unit wide."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane.

    Attributes:
        name: of the worker or the queue.
        stage: which it belongs to, for people.
        path: outline of what is drawn, as SVG writes it.
        marks: where photos failed, likewise; empty if none did.
        steps: width of the picture.
        amount: how busy the worker was, or how many photos waited at most.
        detail: how many photos it worked on.
    """

    name: str
    stage: str
    path: str
    marks: str
    steps: int
    amount: str
    detail: str


def drawn_workers(timeline: Timeline, stats: LineStats, ended_s: float, seconds: float) -> list[Lane]:
    """A lane for each worker, those of a stage together."""
    lanes = []
    for worker in stats.workers:
        busy = timeline.busy(worker.name, ended_s)
        failed = f", {worker.failures} failed" if worker.failures else ""
        marks = "".join(f"M{step} 0h1v{HEIGHT}h-1z" for step in timeline.failed(worker.name, ended_s))
        amount, detail = f"{busy_share([worker], seconds):.0%}", f"{worker.parcels:,}{failed}"
        lanes.append(Lane(worker.name, stage_name(worker.stage), area(busy), marks, max(1, len(busy)), amount, detail))
    return lanes


def drawn_queues(timeline: Timeline, stats: LineStats, ended_s: float) -> list[Lane]:
    """A lane for the photos that wait in front of each stage."""
    lanes = []
    for queue in stats.queues[:-1]:  # the last one has results
        room = max(1, queue.maxsize)
        depths = [depth / room for depth in timeline.depths(queue.name, ended_s)]
        amount, detail = f"{queue.high_water} of {room}", f"{queue.put_count:,}"
        name = f"for {stage_name(queue.name)}"
        lanes.append(Lane(name, stage_name(queue.name), area(depths), "", max(1, len(depths)), amount, detail))
    return lanes


def area(values: Sequence[float]) -> str:
    """The outline of steps of these heights, 0 to 1, from the ground up; steps of the same height become one."""
    path, height = [f"M0 {HEIGHT}"], 0
    for step, value in enumerate(values):
        wanted = round(min(1.0, value) * HEIGHT) or (1 if value > 0 else 0)  # what there was must be seen
        if wanted != height:
            height = wanted
            path.append(f"H{step}V{HEIGHT - height}")
    return "".join([*path, f"H{len(values)}V{HEIGHT}z"]) if len(path) > 1 else ""
