"""START HERE: the listener that gathers what the page shows, and writes it when the run has ended."""

import base64
import hashlib
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from photopipe.files.characters import printable
from photopipe.pipeline import SpanRecorder
from photopipe.report.bottleneck import bottleneck_text
from photopipe.report.html.contact_sheet import ContactSheet
from photopipe.report.html.drawing import drawn_queues, drawn_workers
from photopipe.report.html.failures import Failures
from photopipe.report.html.verdict import facts, totals, verdict
from photopipe.report.outcomes import LeftOver, Notice, PhotoOutcome, Problem
from photopipe.report.report_file import FileListener
from photopipe.report.run_listener import RunEnd, RunView
from photopipe.report.timeline import Timeline
from photopipe.settings import Settings

FOLDER: Final = Path(__file__).parent
SAMPLE_EVERY_S: Final = 0.02
MOST_NOTICES: Final = 100


class HtmlReport(FileListener):
    """The page about a run.

    Of each photo, the card of the contact sheet goes to the disk at once; in memory are only numbers, and a bounded
    number of failures.

    Args:
        path: where the page is to be.
        settings: everything the run needs to know.
        version: of photopipe.

    Raises:
        UsageError: nothing can be written there.
    """

    def __init__(self, path: str, settings: Settings, version: str) -> None:
        super().__init__(path)
        self._settings = settings
        self._version = version
        self._pages = page_environment()
        try:
            self._sheet = ContactSheet(self._pages, self.file)
        except BaseException:
            self.close()
            raise
        self._failures = Failures()
        self._notices: list[str] = []

    def started(self, run: RunView) -> None:
        """Look at this run."""
        self._run = run
        self._recorder: SpanRecorder = run.record_spans()
        self._began_at = datetime.now().astimezone()
        self._started_s = self._ended_s = self._sample_at_s = time.monotonic()
        self._timeline = Timeline(self._started_s)

    def photo(self, outcome: PhotoOutcome) -> None:
        """Put it on the sheet and, if it failed, among the failures."""
        self._sheet.add(outcome)
        if outcome.status in {"failed", "vanished"}:
            self._failures.add_photo(outcome)

    def problem(self, problem: Problem) -> None:
        """Name it among the failures."""
        self._failures.add("Files and folders that could not be read", problem.path, problem.message)

    def left_over(self, photo: LeftOver) -> None:
        """Name it among the failures."""
        why = "It was not finished when the run ended. The next run takes it up."
        self._failures.add("Left over", photo.path, why)

    def notice(self, notice: Notice) -> None:
        """Keep the sentence."""
        if len(self._notices) < MOST_NOTICES:
            self._notices.append(printable(notice.message))

    def tick(self) -> None:
        """Take the spans of the workers; cheap enough to call after every photo."""
        for span in self._recorder.take():
            self._timeline.add_span(span.worker, span.started_s, span.ended_s, failed=span.failed)
        now_s = time.monotonic()
        if now_s >= self._sample_at_s:
            self._sample_at_s = now_s + SAMPLE_EVERY_S
            for queue in self._run.stats().queues:
                self._timeline.add_depth(queue.name, now_s, queue.depth)

    def line_ended(self) -> None:
        """Take the rest."""
        self._sample_at_s = 0.0
        self.tick()
        self._ended_s = time.monotonic()
        self._sheet.finish()

    def ended(self, end: RunEnd) -> None:
        """Write the page and place it."""
        try:
            for piece in self._pages.get_template("page.html").generate(**self._values(end)):
                self.file.write(piece.encode("utf-8", "backslashreplace"))
        except OSError as error:  # a spool cannot be read back
            self.file.fail(error)
        self.file.place()

    def _values(self, end: RunEnd) -> dict[str, Any]:
        stats, seconds = self._run.stats(), max(1e-6, self._ended_s - self._started_s)
        style, script = ((FOLDER / name).read_text("utf-8") for name in ("style.css", "filter.js"))
        return {
            "policy": _policy(style, script),
            "style": style,
            "script": script,
            "version": self._version,
            "verdict": verdict(end, self._settings),
            "facts": facts(end, self._settings, self._began_at, seconds),
            "totals": totals(end),
            "messages": [*self._notices, *(text.removeprefix("photopipe: ") for text in end.messages)],
            "failures": self._failures.groups(),
            "groups": list(self._sheet.groups()),
            "bottleneck": bottleneck_text(stats, seconds),
            "workers": drawn_workers(self._timeline, stats, self._ended_s, seconds) if stats.bottleneck else [],
            "queues": drawn_queues(self._timeline, stats, self._ended_s),
            "seconds": seconds,
        }


def page_environment() -> Environment:
    """The templates, each value escaped and none forgotten."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(style: str, script: str) -> str:
    """Nothing but this style, this script and pictures in the page itself.

    Source: W3C, Content Security Policy Level 3: hashes of inline styles and scripts.
    """
    return (
        f"default-src 'none'; img-src data:; style-src {_hash_of(style)}; script-src {_hash_of(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
