"""The timeline: bounded, and the time in it is the time that was."""

import pytest
from support.told_run import queue, worker

from photopipe.pipeline import LineStats, WorkerStats
from photopipe.report.bottleneck import bottleneck_text
from photopipe.report.html.drawing import area
from photopipe.report.timeline import SHORTEST_STEP_S, STEPS, Timeline


def test_busy_time_is_kept_when_steps_are_joined() -> None:
    timeline = Timeline(100.0)
    timeline.add_span("resize-1", 101.0, 103.5, failed=True)
    assert timeline.step_s == SHORTEST_STEP_S
    timeline.add_span("resize-1", 3600.0, 3610.0)
    assert timeline.step_s * STEPS > 3510
    busy = timeline.busy("resize-1", 3700.0)
    assert sum(busy) * timeline.step_s == pytest.approx(12.5)
    assert timeline.failed("resize-1", 3700.0) == [0]
    assert len(busy) <= STEPS


def test_a_busy_worker_is_fully_busy_in_the_middle_of_its_span() -> None:
    timeline = Timeline(0.0)
    timeline.add_span("a-1", 0.1, 0.5)
    busy = timeline.busy("a-1", 1.0)
    assert busy[5:25] == pytest.approx([1.0] * 20)
    assert busy[26:] == [0.0] * (len(busy) - 26)


def test_a_depth_holds_until_the_next_look_and_the_largest_of_a_step_counts() -> None:
    timeline = Timeline(0.0)
    for at_s, depth in ((0.0, 1), (0.1, 2), (0.11, 4), (0.115, 3), (0.2, 0)):
        timeline.add_depth("resize", at_s, depth)
    assert timeline.depths("resize", 0.2) == [1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 0]
    timeline.add_depth("resize", 1000.0, 1)
    assert timeline.depths("resize", 1000.0)[0] == 4


def test_an_outline_is_as_short_as_what_it_shows_and_never_loses_a_little_work() -> None:
    assert area([0.0] * 480) == ""
    assert area([0.0, 1.0, 1.0, 0.001]) == "M0 20H1V0H3V19H4V20z"


def test_the_bottleneck_is_named_with_who_waited_for_it() -> None:
    stats = LineStats(
        (queue("download", 0.0, 1.0), queue("resize", 16.0, 0.0), queue("upload", 0.0, 8.5), queue("results", 0, 0)),
        (
            WorkerStats("download-1", "download", 9, 0, 0.5, is_busy=False),
            WorkerStats("download-2", "download", 9, 0, 0.5, is_busy=False),
            worker("resize", 9.7),
            worker("upload", 1.0),
        ),
    )
    assert bottleneck_text(stats, 10.0) == (
        "Resizing was the bottleneck: its worker was busy 97% of the time; reading waited for it 80% of the time and "
        "uploading had nothing to do 85% of the time."
    )


def test_a_run_that_waited_for_its_source_is_said_to_have() -> None:
    stats = LineStats((queue("download", 0.0, 9.5), queue("results", 0, 0)), (worker("download", 0.5),))
    assert bottleneck_text(stats, 10.0).startswith("No stage held up the others: reading had the most to do")
    assert "For 95% of it there was no photo to start with" in bottleneck_text(stats, 10.0)
    assert bottleneck_text(LineStats((), ()), 10.0) == "No photo was worked on."
