"""The queue against a list, in every order hypothesis can think of."""

from queue import Empty, Full
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from photopipe.pipeline import ClosableQueue, QueueAborted, QueueClosed


class QueueModel(RuleBasedStateMachine):
    """Every call on the queue, and what a list and two flags say it must do."""

    @initialize(maxsize=st.integers(0, 3), producers=st.integers(1, 3))
    def start(self, maxsize: int, producers: int) -> None:
        self.queue: ClosableQueue[int] = ClosableQueue(maxsize, producers=producers)
        self.maxsize, self.producers = maxsize, producers
        self.items: list[int] = []
        self.closed = self.aborted = False
        self.accepted = self.taken = self.dropped = self.next_item = 0

    def outcome(self, call: Any) -> Any:
        try:
            return call()
        except (QueueClosed, QueueAborted, Full, Empty, ValueError) as error:
            return type(error)

    @rule(timeout=st.sampled_from([None, 0.0]))
    def put(self, timeout: float | None) -> None:
        item, self.next_item = self.next_item, self.next_item + 1
        expected: Any = None
        if self.aborted:
            expected = QueueAborted
        elif self.closed:
            expected = QueueClosed
        elif self.maxsize and len(self.items) == self.maxsize:
            expected = Full
        else:
            self.items.append(item)
            self.accepted += 1
        assert self.outcome(lambda: self.queue.put(item, block=timeout is not None, timeout=timeout)) is expected

    @rule(timeout=st.sampled_from([None, 0.0]))
    def get(self, timeout: float | None) -> None:
        expected: Any
        if self.aborted:
            expected = QueueAborted
        elif self.items:
            expected = self.items.pop(0)
            self.taken += 1
        else:
            expected = QueueClosed if self.closed else Empty
        assert self.outcome(lambda: self.queue.get(block=timeout is not None, timeout=timeout)) == expected

    @rule()
    def close(self) -> None:
        self.queue.close()
        self.closed = True

    @rule()
    def producer_done(self) -> None:
        expected = ValueError if self.closed and not self.aborted else None
        assert self.outcome(self.queue.producer_done) is expected
        if not self.closed and not self.aborted:
            self.producers -= 1
            self.closed = self.producers == 0

    @rule()
    def abort(self) -> None:
        assert self.queue.abort() == self.items
        self.dropped += len(self.items)
        self.items, self.aborted = [], True

    @invariant()
    def depth_is_bounded_and_the_counts_balance(self) -> None:
        stats = self.queue.stats()
        assert stats.depth == self.queue.qsize() == len(self.items)
        assert not self.maxsize or stats.high_water <= self.maxsize
        assert (stats.put_count, stats.get_count, stats.dropped_count) == (self.accepted, self.taken, self.dropped)
        assert stats.put_count == stats.get_count + stats.dropped_count + stats.depth


TestQueueModel = QueueModel.TestCase
TestQueueModel.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
