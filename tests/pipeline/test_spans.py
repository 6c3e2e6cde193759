"""Spans: one for each call of a stage's function, for everybody who asked before the line began."""

import pytest
from support.deadline import within_deadline

from photopipe.errors import ItemError
from photopipe.pipeline import Pipeline, Span, Stage
from photopipe.pipeline import spans as spans_module
from photopipe.pipeline.spans import SpanRecorder


def double_unless_three(number: int) -> int:
    if number == 3:
        raise ItemError("three")
    return number * 2


def line_of_five() -> Pipeline:
    return Pipeline(range(5), [Stage.of("double", double_unless_three, workers=2), Stage.of("again", lambda n: n * 2)])


def run(line: Pipeline) -> None:
    with line:
        list(line)


def test_every_recorder_gets_a_span_for_each_parcel_that_was_worked_on() -> None:
    line = line_of_five()
    recorders = [line.record_spans(lambda payload: f"photo {payload}"), line.record_spans()]
    within_deadline(lambda: run(line))
    first, second = (list(recorder.take()) for recorder in recorders)
    assert sorted((span.stage, span.sequence, span.failed) for span in first) == [
        *(("again", number, False) for number in (0, 1, 2, 4)),
        *(("double", number, number == 3) for number in range(5)),
    ]
    assert {span.label for span in first if span.stage == "again"} == {"photo 0", "photo 2", "photo 4", "photo 8"}
    assert [span._replace(label="") for span in first] == second
    assert list(recorders[0].take()) == []


def test_spans_add_up_to_what_the_workers_were_busy() -> None:
    line = line_of_five()
    recorder = line.record_spans()
    within_deadline(lambda: run(line))
    spans = list(recorder.take())
    for worker in line.stats().workers:
        own = [span for span in spans if span.worker == worker.name]
        assert (len(own), sum(span.failed for span in own)) == (worker.parcels, worker.failures)
        assert sum(span.ended_s - span.started_s for span in own) == pytest.approx(worker.busy_s)


def test_spans_that_nobody_takes_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans_module, "MOST_UNREAD", 3)
    recorder = SpanRecorder()
    for number in range(10):
        recorder.add(Span("a-1", "a", number, "", 0.0, 1.0, False))
    assert [span.sequence for span in recorder.take()] == [7, 8, 9]
