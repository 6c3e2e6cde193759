"""The queue's promises Q1 to Q9, one by one; `test_queue_model.py` tries them in random order."""

import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Full
from typing import Any, cast

import pytest
from support.deadline import DEADLINE_S, until, within_deadline

from photopipe.pipeline import ClosableQueue, QueueAborted, QueueClosed


class Waiter:
    """A thread that does one blocking call; `outcome` is what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.outcome: Any = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self._call()
        except (QueueClosed, QueueAborted) as error:
            self.outcome = type(error)

    @property
    def is_waiting(self) -> bool:
        return self._thread.is_alive()

    @property
    def native_id(self) -> int:
        assert self._thread.native_id is not None
        return self._thread.native_id

    def join(self) -> Any:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "nobody woke this waiter"
        return self.outcome


def waiting_putters(queue: ClosableQueue[Any], count: int) -> list[Waiter]:
    waiters = [Waiter(lambda: queue.put("more")) for _ in range(count)]
    until(lambda: len(queue.not_full._waiters) == count)  # type: ignore[attr-defined] # no public way to see a waiter
    return waiters


def waiting_getters(queue: ClosableQueue[Any], count: int) -> list[Waiter]:
    waiters = [Waiter(queue.get) for _ in range(count)]
    until(lambda: len(queue.not_empty._waiters) == count)  # type: ignore[attr-defined] # no public way to see a waiter
    return waiters


def full_queue() -> ClosableQueue[Any]:
    queue: ClosableQueue[Any] = ClosableQueue(1, name="full")
    queue.put("first")
    return queue


def test_q1_depth_never_exceeds_maxsize() -> None:
    queue = full_queue()
    with pytest.raises(Full):
        queue.put("second", block=False)
    with pytest.raises(Full):
        queue.put("second", timeout=0.001)
    assert queue.qsize() == 1


def test_q2_every_accepted_item_is_taken_dropped_or_there() -> None:
    queue: ClosableQueue[int] = ClosableQueue(5)
    for number in range(5):
        queue.put(number)
    queue.get()
    assert queue.abort() == [1, 2, 3, 4]
    stats = queue.stats()
    assert (stats.put_count, stats.get_count, stats.dropped_count, stats.depth) == (5, 1, 4, 0)


def test_q3_first_in_first_out_after_close_too() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    for number in range(100):
        queue.put(number)
    queue.close()
    assert list(queue) == list(range(100))


def test_q4_a_put_that_raises_has_not_kept_the_item() -> None:
    queue = full_queue()
    queue.close()
    with pytest.raises(QueueClosed):
        queue.put("late")
    assert list(queue) == ["first"]


@pytest.mark.parametrize("end", ["close", "abort", "producer_done", "stats"])
def test_q5_ending_a_full_queue_never_waits(end: str) -> None:
    within_deadline(getattr(full_queue(), end))


@pytest.mark.parametrize("waiters", [1, 5])
def test_q6_close_wakes_every_getter(waiters: int) -> None:
    queue: ClosableQueue[str] = ClosableQueue(1)
    getters = waiting_getters(queue, waiters)
    queue.close()
    assert [getter.join() for getter in getters] == [QueueClosed] * waiters


@pytest.mark.parametrize("waiters", [1, 5])
def test_q6_close_wakes_every_putter(waiters: int) -> None:
    queue = full_queue()
    putters = waiting_putters(queue, waiters)
    queue.close()
    assert [putter.join() for putter in putters] == [QueueClosed] * waiters
    assert list(queue) == ["first"]


@pytest.mark.parametrize("waiters", [1, 5])
def test_q6_abort_wakes_every_getter_and_putter(waiters: int) -> None:
    empty: ClosableQueue[str] = ClosableQueue(1)
    full = full_queue()
    everybody = waiting_getters(empty, waiters) + waiting_putters(full, waiters)
    assert empty.abort() == []
    assert full.abort() == ["first"]
    assert [waiter.join() for waiter in everybody] == [QueueAborted] * (2 * waiters)


def test_q6_abort_wakes_a_blocked_join() -> None:
    queue = full_queue()
    joiner = Waiter(queue.join)
    until(lambda: bool(queue.all_tasks_done._waiters))  # type: ignore[attr-defined] # no public way to see a waiter
    queue.abort()
    assert joiner.join() is QueueAborted


def test_q7_a_waiting_thread_is_never_scheduled() -> None:
    queue: ClosableQueue[str] = ClosableQueue(1)
    (getter,) = waiting_getters(queue, 1)

    def switches() -> list[str]:
        status = Path(f"/proc/self/task/{getter.native_id}/status")
        if not status.exists():
            pytest.skip("needs /proc to see context switches")
        return [line for line in status.read_text().splitlines() if "ctxt_switches" in line or "State:" in line]

    def is_asleep() -> bool:
        """On a busy machine it may still be on its way to the wait, runnable and not run."""
        before = switches()
        threading.Event().wait(0.05)
        return switches() == before and any("S (sleeping)" in line for line in before)

    until(is_asleep)
    before = switches()
    threading.Event().wait(0.3)
    assert switches() == before
    queue.close()
    getter.join()


def test_q8_aborted_wins_over_closed() -> None:
    queue = full_queue()
    queue.close()
    queue.abort()
    queue.close()
    queue.producer_done()
    for call in (queue.get, lambda: queue.put("late"), lambda: next(iter(queue)), queue.join):
        with pytest.raises(QueueAborted):
            call()
    assert queue.abort() == []


class Untouchable:
    """Nothing may look at this."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    def __hash__(self) -> int:
        raise AssertionError("hashed")

    def __bool__(self) -> bool:
        raise AssertionError("tested for truth")


def test_q9_items_are_never_compared_hashed_or_tested_for_truth() -> None:
    queue: ClosableQueue[Any] = ClosableQueue(3)
    for item in (Untouchable(), None, 0):
        queue.put(item)
    queue.close()
    assert [type(item).__name__ for item in queue] == ["Untouchable", "NoneType", "int"]


def test_iteration_calls_task_done_for_each_item_so_join_ends() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    for number in range(3):
        queue.put(number)
    queue.close()
    assert sum(queue) == 3
    within_deadline(queue.join)


def test_iteration_keeps_no_item_alive_while_it_waits() -> None:
    class Item:
        pass

    queue: ClosableQueue[Item] = ClosableQueue()
    seen: list[weakref.ref[Item]] = []

    def take_all() -> None:
        for item in queue:
            seen.append(weakref.ref(item))
            del item

    taker = threading.Thread(target=take_all)
    taker.start()
    queue.put(Item())
    until(lambda: bool(seen) and bool(queue.not_empty._waiters))  # type: ignore[attr-defined] # no public way
    assert seen[0]() is None
    queue.close()
    taker.join(DEADLINE_S)


def test_ticking_yields_none_while_nothing_comes_and_what_is_left_when_it_is_closed() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    ticks = queue.ticking(0.001)
    assert next(ticks) is None
    queue.put(1)
    queue.put(2)
    queue.close()
    assert [next(ticks), next(ticks)] == [1, 2]
    with pytest.raises(StopIteration) as end:
        next(ticks)
    assert end.value.value is True, "closed"


def test_ticking_ends_when_the_queue_is_aborted_and_says_so() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    queue.put(1)
    ticks = queue.ticking(0.001)
    assert next(ticks) == 1
    queue.put(2)
    assert queue.abort() == [2]
    with pytest.raises(StopIteration) as end:
        next(ticks)
    assert end.value.value is False, "aborted"


def test_ticking_keeps_no_item_alive_while_it_waits() -> None:
    class Item:
        pass

    queue: ClosableQueue[Item] = ClosableQueue()
    queue.put(Item())
    ticks = queue.ticking(0.001)
    kept = weakref.ref(cast(Item, next(ticks)))
    assert next(ticks) is None
    assert kept() is None


def test_the_last_producer_closes_the_queue() -> None:
    queue: ClosableQueue[int] = ClosableQueue(producers=2)
    queue.producer_done()
    queue.put(1)
    queue.producer_done()
    assert list(queue) == [1]
    with pytest.raises(ValueError, match="closed already"):
        queue.producer_done()


def test_closing_twice_is_closing_once() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    queue.close()
    queue.close()
    with pytest.raises(QueueClosed):
        queue.get()


def test_an_empty_open_queue_says_empty() -> None:
    queue: ClosableQueue[int] = ClosableQueue()
    with pytest.raises(Empty):
        queue.get(block=False)
    with pytest.raises(Empty):
        queue.get(timeout=0.001)
    with pytest.raises(ValueError, match="non-negative"):
        queue.get(timeout=-1)


def test_shutdown_means_what_python_3_13_means_by_it() -> None:
    queue = full_queue()
    queue.shutdown()
    with pytest.raises(QueueClosed):
        queue.put("late")
    queue.shutdown(immediate=True)
    with pytest.raises(QueueAborted):
        queue.get()


def test_waiting_is_counted_in_seconds_and_the_high_water_is_kept() -> None:
    queue: ClosableQueue[str] = ClosableQueue(1, name="inbox")
    (getter,) = waiting_getters(queue, 1)
    queue.put("one")
    assert getter.join() == "one"
    stats = queue.stats()
    assert (stats.name, stats.high_water, stats.put_wait_s) == ("inbox", 1, 0.0)
    assert stats.get_wait_s > 0


def test_a_queue_without_producers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one producer"):
        ClosableQueue[int](producers=0)
