"""The trace is what the Trace Event Format asks for."""

import json
import time
from pathlib import Path
from typing import Any

from support.told_run import ToldRun, ended

from photopipe.report import Account
from photopipe.report.trace import Trace

KEYS = {"ph", "ts", "pid", "tid", "name", "args"}


def trace_of(path: Path) -> list[dict[str, Any]]:
    """The events of a trace, each checked."""
    events: list[dict[str, Any]] = json.loads(path.read_text())
    for event in events:
        wanted = KEYS | ({"dur", "cat"} if event["ph"] == "X" else set())
        assert event.keys() == wanted, event
        assert event["ph"] in {"M", "X", "C"}
        assert isinstance(event["ts"], int)
        assert event["ts"] >= 0
        assert event.get("dur", 0) >= 0
        assert isinstance(event["args"], dict)
    return events


def test_lanes_have_names_spans_have_lanes_and_queues_have_counters(tmp_path: Path) -> None:
    run, trace = ToldRun(Account()), Trace(str(tmp_path / "t.json"), "--trace")
    trace.started(run)
    now_s = time.monotonic()
    run.add_span("resize", now_s, now_s + 0.5, failed=True)
    trace.tick()
    trace.line_ended()
    trace.ended(ended(Account(), 3))
    trace.close()
    events = trace_of(tmp_path / "t.json")
    lanes = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    (span,) = (event for event in events if event["ph"] == "X")
    assert lanes[span["tid"]] == "resize-1"
    assert (span["name"], span["dur"]) == ("resize", 500_000)
    assert span["args"] == {"photo": "a.jpg", "number": 0, "failed": True}
    counters = {event["name"] for event in events if event["ph"] == "C"}
    assert counters == {"waiting for resize", "waiting for upload", "waiting for results"}
    assert "exit code 3" in [event["args"].get("labels") for event in events]
