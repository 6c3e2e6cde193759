"""Random lines with random faults: whatever happens, it ends, and every payload is accounted for.

Deadlocks shrink slowly, so these runs do not shrink: the plan that failed is printed as it was.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, given, settings
from support.deadline import within_deadline

from photopipe.errors import ItemError
from photopipe.pipeline import Branches, Parcel, Pipeline, Stage, StopToken, Work

STAGES = 3
NO_SHRINKING = settings(max_examples=400, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


class Crash(Exception):
    """A bug in a stage; its constructor needs two arguments, so only the original can be raised."""

    def __init__(self, where: str, number: int) -> None:
        super().__init__(where, number)


@dataclass(frozen=True)
class Plan:
    """One line and what goes wrong on it."""

    payloads: int
    workers: tuple[int, ...]
    sizes: tuple[int, ...]
    failing: frozenset[tuple[int, int]]
    crash: tuple[str, int, int] | None
    leave: tuple[str, int] | None
    branched: bool = False
    """Whether the last two stages stand side by side."""


numbers = st.integers(0, 29)
stage_numbers = st.integers(0, STAGES - 1)
plans = st.builds(
    Plan,
    payloads=st.integers(0, 30),
    workers=st.tuples(*[st.integers(1, 4)] * STAGES),
    sizes=st.one_of(st.just((1,) * (STAGES + 1)), st.tuples(*[st.integers(1, 4)] * (STAGES + 1))),
    failing=st.frozensets(st.tuples(stage_numbers, numbers), max_size=8),
    crash=st.none() | st.tuples(st.sampled_from(["work", "set-up", "tear-down", "source"]), stage_numbers, numbers),
    leave=st.none() | st.tuples(st.sampled_from(["break", "raise", "abort", "drain"]), numbers),
    branched=st.booleans(),
)


class Leaving(Exception):
    """The caller's own exception."""


class Outcome:
    """What was seen of one run."""

    def __init__(self) -> None:
        self.yielded: list[Parcel] = []
        self.leftovers: list[Parcel] = []
        self.pulled = 0
        self.error: BaseException | None = None
        self.crashes = 0
        self.closed_in: list[str] = []


def make_source(plan: Plan, outcome: Outcome) -> Iterator[int]:
    try:
        for number in range(plan.payloads):
            if plan.crash and plan.crash[0] == "source" and plan.crash[2] == number:
                outcome.crashes += 1
                raise Crash("source", number)
            yield number
    finally:
        outcome.closed_in.append(threading.current_thread().name)


def make_stage(plan: Plan, index: int, outcome: Outcome) -> Stage:
    kind, where, at = plan.crash or ("", -1, -1)

    def crash_if(now: str, number: int) -> None:
        if kind == now and where == index and (now != "work" or at == number):
            outcome.crashes += 1
            raise Crash(now, number)

    @contextmanager
    def make_work() -> Iterator[Work]:
        def work(number: int, _stop: StopToken) -> int:
            crash_if("work", number)
            if (index, number) in plan.failing:
                raise ItemError(f"{index} refuses {number}")
            return number

        crash_if("set-up", -1)
        yield work
        crash_if("tear-down", -1)

    return Stage(f"stage{index}", make_work, plan.workers[index], plan.sizes[index])


def consume(line: Pipeline, plan: Plan, outcome: Outcome) -> None:
    how, after = plan.leave or ("", -1)
    for parcel in line:
        outcome.yielded.append(parcel)
        if len(outcome.yielded) <= after:
            continue
        if how == "break":
            return
        if how == "raise":
            raise Leaving
        if how in {"abort", "drain"}:
            getattr(line, how)()


def join_same(payload: int, results: tuple[int | None, ...]) -> int:
    assert all(result in (payload, None) for result in results)
    return payload


def carry_out(plan: Plan) -> Outcome:
    outcome = Outcome()
    stages: list[Stage | Branches] = [make_stage(plan, index, outcome) for index in range(STAGES)]
    if plan.branched:
        stages[1:] = [Branches((stages[1], stages[2]), join_same)]  # type: ignore[arg-type]
    line = Pipeline(make_source(plan, outcome), stages, maxsize=plan.sizes[-1])
    try:
        with line:
            consume(line, plan, outcome)
    except (Crash, Leaving) as error:
        outcome.error = error
    outcome.leftovers, outcome.pulled = line.leftovers, line.pulled
    return outcome


def sequential(plan: Plan) -> dict[int, str | None]:
    """The loop that is the specification: sequence -> the stage it fails at, or None."""
    failed_at = {}
    for number in range(plan.payloads):
        refusing = [index for index in range(STAGES) if (index, number) in plan.failing]
        failed_at[number] = f"stage{refusing[0]}" if refusing else None
    return failed_at


@given(plans)
@NO_SHRINKING
def test_every_line_ends_and_accounts_for_every_payload(plan: Plan) -> None:
    before = set(threading.enumerate())
    outcome = within_deadline(lambda: carry_out(plan))
    sequences = [parcel.sequence for parcel in (*outcome.yielded, *outcome.leftovers)]
    assert sorted(sequences) == list(range(outcome.pulled))
    assert {thread for thread in threading.enumerate() if thread not in before} == set()
    assert outcome.closed_in in (["source"], [])
    if outcome.crashes and not (plan.leave and plan.leave[0] == "raise"):
        assert isinstance(outcome.error, Crash)
    check_results(plan, outcome)


def check_results(plan: Plan, outcome: Outcome) -> None:
    expected = sequential(plan)
    for parcel in outcome.yielded:
        assert (parcel.payload, parcel.failed_at) == (parcel.sequence, expected[parcel.sequence])
    if not outcome.crashes and plan.leave is None:
        assert outcome.pulled == plan.payloads
        assert outcome.leftovers == []
    if max(plan.workers) == 1 and not plan.branched:
        assert [parcel.sequence for parcel in outcome.yielded] == sorted(parcel.sequence for parcel in outcome.yielded)


@pytest.mark.parametrize("kind", ["work", "set-up", "tear-down", "source"])
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("branched", [False, True])
@pytest.mark.parametrize("index", range(STAGES))
def test_a_forced_crash_is_never_a_silent_success(kind: str, workers: int, index: int, branched: bool) -> None:
    plan = Plan(20, (workers,) * STAGES, (1,) * (STAGES + 1), frozenset(), (kind, index, 7), None, branched)
    for _ in range(15):
        outcome = within_deadline(lambda: carry_out(plan))
        assert outcome.crashes > 0
        assert isinstance(outcome.error, Crash)
        expected: Any = list(range(outcome.pulled))
        assert sorted(parcel.sequence for parcel in (*outcome.yielded, *outcome.leftovers)) == expected
