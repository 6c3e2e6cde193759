"""A run as a Chrome trace, which https://ui.perfetto.dev shows.

Source: Trace Event Format (Google, 2016), JSON Array Format: complete events (X), counters (C), metadata (M).
"""

import json
import os
import time
from typing import Any, Final

from photopipe.pipeline import Span, SpanRecorder
from photopipe.report.records import valid_text
from photopipe.report.report_file import FileListener
from photopipe.report.run_listener import RunEnd, RunView

PROCESS: Final = 1
SAMPLE_EVERY_S: Final = 0.05


class Trace(FileListener):
    """One lane for each worker with what it did, and how many photos wait in front of each stage."""

    def started(self, run: RunView) -> None:
        """Name the lanes."""
        self._run = run
        self._recorder: SpanRecorder = run.record_spans()
        self._started_s = self._sample_at_s = time.monotonic()
        self._depths: dict[str, int] = {}
        self._lanes = {worker.name: number for number, worker in enumerate(run.stats().workers, 1)}
        self.file.write(b"[")
        self._metadata("process_name", 0, {"name": "photopipe"})
        for name, number in self._lanes.items():
            self._metadata("thread_name", number, {"name": name})
            self._metadata("thread_sort_index", number, {"sort_index": number})

    def tick(self) -> None:
        """Write what has ended since; cheap enough to call after every photo."""
        for span in self._recorder.take():
            self._span(span)
        now_s = time.monotonic()
        if now_s >= self._sample_at_s:
            self._sample_at_s = now_s + SAMPLE_EVERY_S
            self._sample(now_s)

    def line_ended(self) -> None:
        """Write the rest."""
        self._sample_at_s = 0.0
        self.tick()

    def ended(self, end: RunEnd) -> None:
        """Close the array and place the file."""
        self._metadata("process_labels", 0, {"labels": f"exit code {end.exit_code}"})
        self.file.write(b"\n]\n")
        self.file.place()

    def _span(self, span: Span) -> None:
        self._event(
            "X",
            span.started_s,
            self._lanes[span.worker],
            name=span.stage,
            cat="failed" if span.failed else "photo",
            dur=max(0, round((span.ended_s - span.started_s) * 1e6)),
            args={
                "photo": valid_text(os.path.basename(span.label)),
                "number": span.sequence,
                "failed": span.failed,
            },
        )

    def _sample(self, now_s: float) -> None:
        for queue in self._run.stats().queues:
            if self._depths.get(queue.name) != queue.depth:
                self._depths[queue.name] = queue.depth
                self._event("C", now_s, 0, name=f"waiting for {queue.name}", args={"photos": queue.depth})

    def _metadata(self, name: str, lane: int, arguments: dict[str, Any]) -> None:
        self._event("M", self._started_s, lane, name=name, args=arguments)

    def _event(self, phase: str, at_s: float, lane: int, **fields: Any) -> None:
        comma = b"\n" if (phase, fields["name"]) == ("M", "process_name") else b",\n"
        at_us = max(0, round((at_s - self._started_s) * 1e6))
        event = {"ph": phase, "ts": at_us, "pid": PROCESS, "tid": lane, **fields}
        self.file.write(comma + json.dumps(event).encode())
