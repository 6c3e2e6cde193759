"""The line's promises P1 to P8, one by one; `test_fault_plans.py` tries them at random."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from support.deadline import within_deadline

from photopipe.errors import ItemError, LineError, RunStopped
from photopipe.pipeline import ClosableQueue, Finished, Parcel, Pipeline, Stage, Work
from photopipe.pipeline.workers import StageWorker
from photopipe.stop_token import StopToken


def same(payload: Any) -> Any:
    return payload


def line_of(*functions: Callable[[Any], Any], workers: int = 1) -> list[Stage]:
    return [Stage.of(f"stage{number}", function, workers=workers) for number, function in enumerate(functions)]


def run(source: Any, stages: list[Stage]) -> list[Parcel]:
    def program() -> list[Parcel]:
        with Pipeline(source, stages) as line:
            return list(line)

    return within_deadline(program)


def refuse_odd(number: int) -> int:
    if number % 2:
        raise ItemError(f"{number} is odd")
    return number


@pytest.mark.parametrize("workers", [1, 3])
def test_p1_each_payload_comes_out_exactly_once(workers: int) -> None:
    parcels = run(range(100), line_of(same, same, workers=workers))
    assert sorted(parcel.payload for parcel in parcels) == list(range(100))


@pytest.mark.parametrize("taken", [0, 1, 5])
def test_p1_leaving_early_lists_everything_that_was_pulled_and_not_yielded(taken: int) -> None:
    def program() -> tuple[list[int], list[int], int]:
        yielded: list[int] = []
        with Pipeline(range(100), line_of(same, same)) as line:
            for parcel in line:
                if len(yielded) == taken:
                    yielded.append(parcel.sequence)
                    break
                yielded.append(parcel.sequence)
        return yielded, [parcel.sequence for parcel in line.leftovers], line.pulled

    yielded, leftovers, pulled = within_deadline(program)
    assert sorted(yielded + leftovers) == list(range(pulled))
    assert pulled < 100


def test_p1_a_worker_whose_queue_was_aborted_leaves_the_next_one_to_the_line() -> None:
    inbox, outbox = ClosableQueue[Parcel](1), ClosableQueue[Parcel](1)
    outbox.put(Parcel(0, "finished, and not yet taken"))
    (stage,) = line_of(same)
    worker = StageWorker(stage, 1, in_queue=inbox, out_queue=outbox, stop=StopToken(), on_crash=lambda _worker: None)
    worker.start()
    inbox.abort()
    within_deadline(worker.join)
    assert outbox.abort() == [Parcel(0, "finished, and not yet taken")]


def test_p2_leaving_the_block_ends_all_threads() -> None:
    before = threading.active_count()

    def program() -> None:
        with Pipeline(iter(int, 1), line_of(same, same, workers=3)) as line:
            next(iter(line))

    within_deadline(program)
    assert threading.active_count() == before


def test_p3_a_crash_is_raised_with_its_own_type_and_a_note_where() -> None:
    def crash(number: int) -> int:
        return 10 // (number - 3)

    with pytest.raises(ZeroDivisionError) as caught:
        run(range(100), line_of(same, crash))
    assert any("stage1-1" in note and "3" in note for note in caught.value.__notes__)


def test_p3_a_crash_nobody_waited_for_is_raised_when_the_block_is_left() -> None:
    crashed = threading.Event()

    def crash(_: int) -> int:
        crashed.set()
        raise LineError("the disk is full")

    def program() -> None:
        with Pipeline([1], line_of(crash)):
            crashed.wait()

    with pytest.raises(LineError, match="disk is full"):
        within_deadline(program)


def test_p3_a_crash_is_a_note_on_the_callers_own_exception() -> None:
    stop = StopToken()

    @contextmanager
    def crashing() -> Iterator[Work]:
        raise LineError("the disk is full")
        yield same  # type: ignore[unreachable] # makes it a generator

    def program() -> None:
        with Pipeline([1], [Stage("crashing", crashing)], stop=stop):
            stop.wait()
            raise KeyError("the caller's own")

    with pytest.raises(KeyError) as caught:
        within_deadline(program)
    assert any("disk is full" in note for note in caught.value.__notes__)


@contextmanager
def broken_set_up() -> Iterator[Work]:
    raise OSError("no decoder")
    yield lambda payload, _stop: payload  # type: ignore[unreachable] # makes it a generator


@contextmanager
def broken_tear_down() -> Iterator[Work]:
    yield lambda payload, _stop: payload
    raise OSError("cannot close")


@pytest.mark.parametrize("make_work", [broken_set_up, broken_tear_down])
@pytest.mark.parametrize("workers", [1, 3])
def test_p3_a_failing_set_up_or_tear_down_stops_the_line(make_work: Any, workers: int) -> None:
    with pytest.raises(OSError, match=r"no decoder|cannot close"):
        run(range(20), [Stage("first", make_work, workers=workers), *line_of(same)])


class Payload:
    alive: "weakref.WeakSet[Payload]"


def test_p4_parcels_alive_are_bounded_by_queues_and_workers() -> None:
    Payload.alive = weakref.WeakSet()
    most = 0

    def source() -> Iterator[Payload]:
        nonlocal most
        for _ in range(300):
            payload = Payload()
            Payload.alive.add(payload)
            most = max(most, len(Payload.alive))
            yield payload
            del payload

    def program() -> None:
        stages = [Stage.of("a", same, workers=2, maxsize=3), Stage.of("b", same, workers=3, maxsize=2)]
        with Pipeline(source(), stages, maxsize=4) as line:
            for parcel in line:
                del parcel

    within_deadline(program)
    gc.collect()
    in_the_callers_hand = 1
    assert most <= (3 + 2 + 4) + (2 + 3) + 1 + in_the_callers_hand
    assert len(Payload.alive) == 0


def test_p4_a_failed_parcel_keeps_no_picture_alive() -> None:
    held: list[weakref.ref[Payload]] = []

    def decode_and_fail(_: int) -> int:
        picture = Payload()
        held.append(weakref.ref(picture))
        try:
            raise ValueError(picture)
        except ValueError:
            raise ItemError("broken") from None

    (parcel,) = run([1], line_of(decode_and_fail))
    assert isinstance(parcel.error, ItemError)
    assert parcel.error.__traceback__ is None


def test_p5_the_first_cause_is_raised_and_later_ones_are_noted_on_it() -> None:
    first_is_down = threading.Event()

    @contextmanager
    def second() -> Iterator[Work]:
        def work(_payload: Any, stop: StopToken) -> Any:
            first_is_down.set()
            stop.wait(20)
            raise ValueError("second")

        yield work

    def first(number: int) -> int:
        if number == 1:
            first_is_down.wait()
            raise KeyError("first")
        return number

    with pytest.raises(KeyError) as caught:
        run(range(5), [*line_of(first), Stage("slow", second)])
    assert any("second" in note for note in caught.value.__notes__)


def test_p6_a_failed_payload_rides_to_the_end_and_changes_no_other() -> None:
    parcels = run(range(10), line_of(refuse_odd, same, lambda number: number * 10))
    failed = {parcel.sequence: str(parcel.error) for parcel in parcels if parcel.error}
    good = {parcel.sequence: parcel.payload for parcel in parcels if not parcel.error}
    assert failed == {number: f"{number} is odd" for number in range(1, 10, 2)}
    assert good == {number: number * 10 for number in range(0, 10, 2)}
    assert {parcel.failed_at for parcel in parcels} == {None, "stage0"}


def test_p7_one_worker_a_stage_keeps_the_order_of_a_plain_loop() -> None:
    parcels = run(range(50), line_of(same, lambda number: number + 1))
    assert [parcel.payload for parcel in parcels] == [number + 1 for number in range(50)]


@pytest.mark.parametrize("ending", ["finish", "break", "crash", "abort", "drain"])
def test_p8_the_source_is_closed_in_the_thread_that_pulled_it(ending: str) -> None:
    threads: list[str] = []

    def source() -> Iterator[int]:
        try:
            threads.append(threading.current_thread().name)
            yield from range(50)
        finally:
            threads.append(threading.current_thread().name)

    def work(number: int) -> int:
        if ending == "crash" and number == 5:
            raise LineError("stop")
        return number

    def program() -> None:
        with Pipeline(source(), line_of(work)) as line:
            for parcel in line:
                if parcel.sequence == 3 and ending == "break":
                    break
                if parcel.sequence == 3 and ending in {"abort", "drain"}:
                    getattr(line, ending)()

    if ending == "crash":
        with pytest.raises(LineError):
            within_deadline(program)
    else:
        within_deadline(program)
    assert threads == ["source", "source"]


def test_a_failing_source_is_raised_after_what_is_on_the_line_is_finished() -> None:
    def source() -> Iterator[int]:
        yield from range(5)
        raise LineError("the card was pulled")

    def program() -> list[int]:
        done: list[int] = []
        with pytest.raises(LineError, match="card"), Pipeline(source(), line_of(same, same)) as line:
            done.extend(parcel.payload for parcel in line)
        return done

    assert within_deadline(program) == [0, 1, 2, 3, 4]


def test_drain_pulls_nothing_more_and_finishes_what_is_on_the_line() -> None:
    def program() -> tuple[int, int, list[Parcel]]:
        with Pipeline(iter(int, 1), line_of(same, same)) as line:
            yielded = 0
            for _ in line:
                yielded += 1
                line.drain()
        return yielded, line.pulled, line.leftovers

    yielded, pulled, leftovers = within_deadline(program)
    assert yielded == pulled
    assert leftovers == []


def test_abort_wakes_work_that_waits_and_accounts_for_it() -> None:
    waiting = threading.Event()
    stop = StopToken()

    @contextmanager
    def patient() -> Iterator[Work]:
        def work(payload: Any, given: StopToken) -> Any:
            assert given is stop
            waiting.set()
            stop.wait()
            raise RunStopped("told to stop")

        yield work

    def program() -> list[int]:
        with Pipeline(range(10), [Stage("patient", patient, workers=2)], stop=stop) as line:
            waiting.wait()
            line.abort()
            assert list(line) == []
        assert sorted(parcel.sequence for parcel in line.leftovers) == list(range(line.pulled))
        return [parcel.payload for parcel in line.leftovers]

    assert within_deadline(program)[:2] == [0, 1]


def test_a_callback_that_raises_when_the_line_is_aborted_leaves_no_thread_behind() -> None:
    stop = StopToken()

    def broken() -> None:
        raise OSError("broken")

    def program() -> None:
        with Pipeline(range(10), line_of(same), stop=stop):
            stop.on_set(broken)

    with pytest.raises(OSError, match="broken"):
        within_deadline(program)


def test_a_source_hears_that_the_line_is_draining() -> None:
    draining = StopToken()

    def source() -> Iterator[int]:
        yield 1
        draining.wait()

    def program() -> list[int]:
        with Pipeline(source(), line_of(same), draining=draining) as line:
            results = []
            for parcel in line:
                results.append(parcel.payload)
                line.drain()
            return results

    assert within_deadline(program) == [1]


def test_results_tick_while_nothing_comes() -> None:
    let_go = threading.Event()

    def work(number: int) -> int:
        let_go.wait()
        return number

    def program() -> list[Any]:
        seen: list[Any] = []
        with Pipeline([7], line_of(work)) as line:
            for parcel in line.results(tick_s=0.01):
                seen.append(parcel and parcel.payload)
                let_go.set()
        return seen

    seen = within_deadline(program)
    assert seen[0] is None
    assert seen[-1] == 7


def test_a_stage_may_take_what_is_settled_unless_it_failed() -> None:
    def fail_two(number: int) -> int | Finished:
        if number == 2:
            raise ItemError("2")
        return Finished(number) if number == 1 else number

    last = replace(Stage.of("last", lambda number: number * 10), takes_finished=True)
    parcels = run([0, 1, 2], [Stage.of("first", fail_two), Stage.of("second", lambda number: number + 5), last])
    seen = [(parcel.payload, parcel.finished, parcel.done) for parcel in parcels]
    assert seen == [(50, False, ("first", "second", "last")), (10, True, ("first",)), (2, True, ())]


def test_settled_payloads_ride_through_and_set_up_nothing() -> None:
    @contextmanager
    def never() -> Iterator[Work]:
        raise AssertionError("set up for nothing")
        yield same  # type: ignore[unreachable] # makes it a generator

    parcels = run([Finished("known")] * 3, [Stage("heavy", never, workers=2)])
    assert [(parcel.payload, parcel.finished, parcel.done) for parcel in parcels] == [("known", True, ())] * 3


def test_a_stage_can_settle_a_payload_for_the_rest_of_the_line() -> None:
    parcels = run(range(4), line_of(lambda n: Finished("dup") if n == 2 else n, lambda n: n * 10))
    assert [parcel.payload for parcel in parcels] == [0, 10, "dup", 30]


def test_each_worker_sets_up_once_in_its_own_thread_and_tears_down_there() -> None:
    events: list[tuple[str, str]] = []

    @contextmanager
    def session() -> Iterator[Work]:
        events.append(("open", threading.current_thread().name))
        try:
            yield lambda payload, _stop: payload
        finally:
            events.append(("close", threading.current_thread().name))

    run(range(40), [Stage("upload", session, workers=2)])
    for name in {name for _, name in events}:
        assert [kind for kind, thread in events if thread == name] == ["open", "close"]
        assert name in {"upload-1", "upload-2"}


def test_a_pipeline_is_used_once_and_in_a_block() -> None:
    line = Pipeline([1], line_of(same))
    with pytest.raises(RuntimeError, match="with"):
        list(line)
    with line:
        pass
    with pytest.raises(RuntimeError, match="once"), line:
        pass


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"maxsize": 0}])
def test_a_stage_without_workers_or_room_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        Stage.of("none", same, **wrong)


def test_a_line_without_stages_or_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one stage"):
        Pipeline([], [])
    with pytest.raises(ValueError, match="room"):
        Pipeline([], line_of(same), maxsize=0)


def test_stats_name_the_bottleneck() -> None:
    def program() -> str | None:
        with Pipeline(range(200), [Stage.of("fast", same), Stage.of("slow", lambda _: sum(range(20_000)))]) as line:
            list(line)
            return line.stats().bottleneck

    assert within_deadline(program) == "slow"


def test_an_error_that_is_its_own_cause_fails_its_parcel_only() -> None:
    one, other = ItemError("one"), ValueError("other")
    one.__cause__, other.__context__ = other, one

    def work(number: int) -> int:
        if number == 1:
            raise one
        return number

    def run() -> list[Any]:
        with Pipeline(range(3), [Stage.of("work", work)]) as line:
            return [parcel.error for parcel in line]

    assert within_deadline(run) == [None, one, None]
