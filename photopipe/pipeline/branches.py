"""Stages that work on the same parcel side by side, so that a slow one does not slow down the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from photopipe.pipeline.closable_queue import ClosableQueue
from photopipe.pipeline.parcel import Parcel
from photopipe.pipeline.stage import Stage
from photopipe.pipeline.workers import Outlet


@dataclass(frozen=True, slots=True)
class Branches:
    """Stages side by side; a parcel goes on when all of them have finished with it.

    A branch may be ahead of the slowest by as many parcels as fit into the slowest one's queue.

    Attributes:
        stages: at least one. Each gets the same payload.
        join: makes the next payload from the payload and what each stage made of it, in the order of the
            stages. When the line is aborted, it is also called for what is unfinished; then None stands for
            each stage that has not ended.
    """

    stages: tuple[Stage, ...]
    join: Callable[[Any, tuple[Any, ...]], Any]

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("branches need at least one stage")


class Fork:
    """Puts each parcel into every branch's queue; what is finished goes past them.

    Args:
        inboxes: the queues of the branches.
        join: learns of each parcel before any branch gets it.
        past: where finished parcels go.
    """

    def __init__(self, inboxes: Sequence[ClosableQueue[Parcel]], join: "Join", past: Outlet) -> None:
        self._inboxes = inboxes
        self._join = join
        self._past = past

    def put(self, parcel: Parcel) -> None:
        """Hand a parcel to all branches; waits for the one that has no room."""
        if parcel.finished:
            self._past.put(parcel)
            return
        self._join.expect(parcel)
        for inbox in self._inboxes:
            inbox.put(parcel)

    def producer_done(self) -> None:
        """Say that one of the threads that put has ended."""
        for inbox in (*self._inboxes, self._past):
            inbox.producer_done()

    def abort(self) -> None:
        """Nothing: the line aborts the queues."""


class Join:
    """Collects what the branches made of each parcel, and passes it on when all have finished.

    Args:
        branches: the stages, and how their results are joined.
        outlet: where joined parcels go.
    """

    def __init__(self, branches: Branches, outlet: Outlet) -> None:
        self._branches = branches
        self._outlet = outlet
        self._lock = Lock()
        self._pending: dict[int, tuple[Parcel, list[Parcel | None]]] = {}
        self._joined: dict[int, Parcel] = {}

    def expect(self, parcel: Parcel) -> None:
        """Remember a parcel until all branches have ended with it."""
        with self._lock:
            self._pending[parcel.sequence] = parcel, [None] * len(self._branches.stages)

    def outlet_of(self, branch: int) -> "BranchOutlet":
        """Where the workers of one branch put their results."""
        return BranchOutlet(self, branch)

    def put(self, branch: int, result: Parcel) -> None:
        """Take one branch's result; the last one passes the parcel on."""
        with self._lock:
            parcel, results = self._pending[result.sequence]
            results[branch] = result
            if None in results:
                return
        self._joined[result.sequence] = joined = self._join(parcel, results)
        self._outlet.put(joined)
        with self._lock:
            del self._pending[result.sequence], self._joined[result.sequence]

    def producer_done(self) -> None:
        """Say that one worker of a branch has ended."""
        self._outlet.producer_done()

    def unfinished(self) -> list[Parcel]:
        """After the line has ended: parcels that were not passed on, with what the branches made of them."""
        with self._lock:
            return [self._joined.get(number) or self._join(*pending) for number, pending in self._pending.items()]

    def _join(self, parcel: Parcel, results: Sequence[Parcel | None]) -> Parcel:
        ended = [result for result in results if result is not None]
        for result in ended:
            if result.failed_at is not None and result.error is not None:
                return parcel.failed(result.failed_at, result.error)
        payload = self._branches.join(parcel.payload, tuple(result and result.payload for result in results))
        return replace(parcel, payload=payload, done=(*parcel.done, *(result.done[-1] for result in ended)))


class BranchOutlet:
    """One branch's side of the join."""

    def __init__(self, join: Join, branch: int) -> None:
        self._join = join
        self._branch = branch

    def put(self, parcel: Parcel) -> None:
        """Hand over what this branch made of a parcel."""
        self._join.put(self._branch, parcel)

    def producer_done(self) -> None:
        """Say that one worker of this branch has ended."""
        self._join.producer_done()

    def abort(self) -> None:
        """Nothing: the line aborts the queues."""
