"""Stages side by side: each keeps its own pace, and a parcel goes on when all have ended."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.deadline import DEADLINE_S, within_deadline

from photopipe.errors import ItemError, RunStopped
from photopipe.pipeline import Branches, Finished, Parcel, Pipeline, Stage, StopToken, Work


def tupled(payload: Any, results: tuple[Any, ...]) -> Any:
    return payload, results


def twice(number: int) -> int:
    return number * 2


def negative(number: int) -> int:
    return -number


@pytest.mark.parametrize("workers", [1, 3])
def test_each_branch_gets_each_payload_and_the_results_are_joined(workers: int) -> None:
    branches = Branches((Stage.of("twice", twice, workers=workers), Stage.of("negative", negative)), tupled)

    def program() -> list[Any]:
        with Pipeline(range(50), [Stage.of("same", int), branches, Stage.of("after", lambda joined: joined)]) as line:
            return [parcel.payload for parcel in line]

    assert sorted(within_deadline(program)) == [(number, (number * 2, -number)) for number in range(50)]


def test_the_fast_branch_is_done_with_everything_while_the_slow_one_has_not_begun() -> None:
    go, seen = threading.Event(), list[int]()

    def slow(number: int) -> int:
        assert go.wait(DEADLINE_S)
        return number

    def fast(number: int) -> int:
        seen.append(number)
        if len(seen) == 20:
            go.set()
        return number

    branches = Branches((Stage.of("slow", slow, maxsize=20), Stage.of("fast", fast)), tupled)

    def program() -> int:
        with Pipeline(range(20), [branches]) as line:
            return len(list(line))

    assert within_deadline(program) == 20
    assert seen == list(range(20))


def test_a_branch_that_fails_a_payload_fails_it_when_the_others_have_ended() -> None:
    def refuse(number: int) -> int:
        raise ItemError(f"{number} is refused")

    branches = Branches((Stage.of("twice", twice), Stage.of("refuse", refuse)), tupled)

    def program() -> list[Parcel]:
        with Pipeline([7], [branches]) as line:
            return list(line)

    (parcel,) = within_deadline(program)
    assert (parcel.failed_at, parcel.payload, str(parcel.error)) == ("refuse", 7, "7 is refused")


def test_settled_payloads_go_past_the_branches() -> None:
    branches = Branches((Stage.of("twice", twice), Stage.of("negative", negative)), tupled)

    def program() -> list[Any]:
        with Pipeline([Finished("done"), 1], [Stage.of("same", lambda it: it), branches]) as line:
            return [parcel.payload for parcel in line]

    assert sorted(map(str, within_deadline(program))) == ["(1, (2, -1))", "done"]


def test_what_one_branch_did_is_in_the_leftovers_when_the_line_is_dropped() -> None:
    reached = threading.Event()

    @contextmanager
    def hanging() -> Iterator[Work]:
        def work(payload: Any, stop: StopToken) -> Any:
            reached.set()
            assert stop.wait(DEADLINE_S)
            raise RunStopped("dropped")

        yield work

    done = threading.Event()

    def quick(number: int) -> int:
        done.set()
        return number * 10

    branches = Branches((Stage.of("quick", quick), Stage("hanging", hanging, workers=1, maxsize=5)), tupled)

    def program() -> Pipeline:
        with Pipeline([1], [branches]) as line:
            assert reached.wait(DEADLINE_S)
            assert done.wait(DEADLINE_S)
        return line

    line = within_deadline(program)
    (parcel,) = line.leftovers
    assert parcel.payload == (1, (10, None))
    assert not line.is_finished(parcel)


def test_branches_need_a_stage() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Branches((), tupled)
