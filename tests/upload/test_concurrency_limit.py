"""How many uploads run at the same time: the arithmetic alone, on made-up times."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from photopipe.upload.flow.concurrency_limit import ConcurrencyLimit

ROUND_TRIP_S = 0.05


class Gallery:
    """Uploads that all workers keep starting, in rounds, on a clock of their own."""

    def __init__(self, ceiling: int) -> None:
        self.concurrency_limit = ConcurrencyLimit(ceiling)
        self.now = 1000.0
        self.limits = [self.concurrency_limit.limit]

    def round(self, latency_s: float = ROUND_TRIP_S, *, overloaded: int = 0, workers: int = 10_000) -> None:
        """As many uploads as are allowed, side by side; the first `overloaded` of them come back as 503."""
        started, self.now = self.now, self.now + latency_s
        at_once = min(self.concurrency_limit.limit, workers)
        for number in range(at_once):
            self.concurrency_limit.started(number + 1)
        for number in range(at_once):
            if number < overloaded:
                self.concurrency_limit.overloaded(started, self.now)
            else:
                self.concurrency_limit.completed(started, self.now)
        self.now += 0.001
        self.limits.append(self.concurrency_limit.limit)


def test_it_starts_with_two_and_is_at_sixteen_after_three_round_trips() -> None:
    gallery = Gallery(16)
    for _ in range(4):
        gallery.round()
    assert gallery.limits == [2, 4, 8, 16, 16]


def test_it_never_starts_above_its_ceiling() -> None:
    assert ConcurrencyLimit(1).limit == 1


def test_one_round_of_overload_halves_once_however_many_uploads_it_hit() -> None:
    gallery = Gallery(16)
    for _ in range(3):
        gallery.round()
    gallery.round(overloaded=9)
    assert gallery.limits[-2:] == [16, 8]
    gallery.round(overloaded=1)
    assert gallery.limits[-1] == 4


def test_after_the_first_overload_it_grows_by_one_a_round() -> None:
    gallery = Gallery(8)
    for _ in range(2):
        gallery.round()
    gallery.round(overloaded=1)
    for _ in range(6):
        gallery.round()
    assert gallery.limits == [2, 4, 8, 4, 5, 6, 7, 8, 8, 8]


def test_it_never_falls_below_one_and_rises_again_from_there() -> None:
    gallery = Gallery(4)
    for _ in range(5):
        gallery.round(overloaded=10)
    assert gallery.limits[-1] == 1
    gallery.round()
    assert gallery.limits[-1] == 2


def test_it_stops_growing_where_the_gallery_becomes_slow() -> None:
    """A gallery that works on four photos at a time: beyond that, each waits for the others."""
    gallery = Gallery(64)
    for _ in range(40):
        gallery.round(0.2 * max(1.0, gallery.concurrency_limit.limit / 4))
    assert 8 <= max(gallery.limits) <= 16


def test_a_limit_that_is_not_reached_is_not_raised() -> None:
    gallery = Gallery(16)
    for _ in range(30):
        gallery.round(workers=1)
    assert set(gallery.limits) == {2}


def test_a_gallery_whose_answers_vary_by_milliseconds_still_counts_as_quick() -> None:
    gallery, chance = Gallery(16), random.Random(4)
    for _ in range(3):
        gallery.round(0.002 + chance.random() * 0.04)
    assert gallery.limits[-1] == 16


def test_one_slow_upload_does_not_hide_that_the_others_are_quick() -> None:
    concurrency_limit = ConcurrencyLimit(16)
    for number in range(2):
        concurrency_limit.started(2)
        concurrency_limit.completed(1000.0 + number, 1000.05 + number)
    assert concurrency_limit.limit == 4
    concurrency_limit.started(4)
    for latency_s in (0.05, 0.05, 9.0, 0.05):
        concurrency_limit.completed(1010.0, 1010.0 + latency_s)
    assert concurrency_limit.limit == 8


def test_what_started_before_the_limit_changed_says_nothing_about_the_new_one() -> None:
    concurrency_limit = ConcurrencyLimit(16)
    concurrency_limit.started(2)
    for _ in range(2):
        concurrency_limit.completed(1000.0, 1000.05)
    assert concurrency_limit.limit == 4
    concurrency_limit.started(4)
    for _ in range(4):
        concurrency_limit.completed(1000.01, 1000.06)
    assert concurrency_limit.limit == 4
    for _ in range(4):
        concurrency_limit.completed(1000.06, 1000.11)
    assert concurrency_limit.limit == 8


def test_a_gallery_that_became_slower_for_good_is_not_held_to_its_best_time() -> None:
    gallery = Gallery(16)
    gallery.round(overloaded=1)
    gallery.round(0.1)
    held = gallery.limits[-1]
    for _ in range(30):
        gallery.round(0.4)
    assert gallery.limits[-1] == held
    for _ in range(150):
        gallery.round(0.4)
    assert gallery.limits[-1] == 16


EVENTS = st.lists(
    st.tuples(st.booleans(), st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.integers(0, 20)), min_size=1, max_size=200
)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 16), EVENTS)
def test_whatever_happens_the_limit_stays_between_one_and_the_ceiling(
    ceiling: int, events: list[tuple[bool, float, float, int]]
) -> None:
    concurrency_limit, now = ConcurrencyLimit(ceiling), 1000.0
    for is_overload, pause_s, latency_s, in_flight in events:
        now += pause_s
        before = concurrency_limit.limit
        concurrency_limit.started(in_flight)
        (concurrency_limit.overloaded if is_overload else concurrency_limit.completed)(now - latency_s, now)
        assert 1 <= concurrency_limit.limit <= ceiling
        assert concurrency_limit.limit >= before // 2
        assert concurrency_limit.limit <= 2 * before
