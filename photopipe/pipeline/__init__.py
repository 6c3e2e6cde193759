"""Stages of worker threads joined by bounded queues; knows nothing about photos.

In: a source (any iterable) and a list of `Stage`s. Out: one `Parcel` for each thing the source gave,
finished, failed or listed as left over; never fewer, never twice.

Read `pipeline.py` first, then `workers.py` and `closable_queue.py`.

    with Pipeline(range(10), [Stage.of("double", lambda number: number * 2)]) as line:
        for parcel in line:
            print(parcel.payload)
"""

from photopipe.pipeline.branches import Branches
from photopipe.pipeline.closable_queue import ClosableQueue, QueueAborted, QueueClosed
from photopipe.pipeline.parcel import Finished, Parcel
from photopipe.pipeline.pipeline import Pipeline
from photopipe.pipeline.spans import Span, SpanRecorder
from photopipe.pipeline.stage import Stage, Work
from photopipe.pipeline.stats import LineStats, QueueStats, WorkerStats
from photopipe.pipeline.workers import StoppableWorker
from photopipe.stop_token import StopToken

__all__ = [
    "Branches",
    "ClosableQueue",
    "Finished",
    "LineStats",
    "Parcel",
    "Pipeline",
    "QueueAborted",
    "QueueClosed",
    "QueueStats",
    "Span",
    "SpanRecorder",
    "Stage",
    "StopToken",
    "StoppableWorker",
    "Work",
    "WorkerStats",
]
