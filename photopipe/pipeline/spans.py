"""When each worker was busy, for those who want to draw it; nothing is recorded while nobody does."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

MOST_UNREAD: Final = 100_000
"""Spans that wait to be taken, some twenty megabytes of them; when there are more, the oldest are dropped."""


class Span(NamedTuple):
    """One call of a stage's function.

    Attributes:
        worker: the worker's name, `resize-2`.
        stage: `resize`.
        sequence: number of the parcel it worked on.
        label: what the parcel holds, for people.
        started_s: on the monotonic clock [seconds].
        ended_s: likewise.
        failed: whether the parcel failed.
    """

    worker: str
    stage: str
    sequence: int
    label: str
    started_s: float
    ended_s: float
    failed: bool


class SpanRecorder:
    """Spans that all workers have added and one reader takes, without a lock: a deque is safe at both its ends.

    Args:
        label: what a payload is called; asked in the worker's thread.
    """

    def __init__(self, label: Callable[[Any], str] = lambda _payload: "") -> None:
        self.label = label
        self._spans: deque[Span] = deque(maxlen=MOST_UNREAD)

    def add(self, span: Span) -> None:
        """Keep a span; called by any worker."""
        self._spans.append(span)

    def take(self) -> Iterator[Span]:
        """Yield what was added since the last time; called by one thread."""
        while self._spans:
            yield self._spans.popleft()
