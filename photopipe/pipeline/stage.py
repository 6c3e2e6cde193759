"""One kind of work on the line, and how many workers share it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from photopipe.stop_token import StopToken

Work = Callable[[Any, StopToken], Any]
"""Takes a payload, returns the next payload (or `Finished`), raises `ItemError` if this one failed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of work and its workers.

    Attributes:
        name: one word; workers are named after it.
        make_work: gives the function; a context manager entered and left in the worker's own
            thread, when the first parcel comes. So each upload worker owns one session, and a line
            with nothing to do loads nothing.
        workers: threads, 1 or more.
        maxsize: parcels that may wait in front of the stage, 1 or more.
        takes_finished: whether it also works on what is finished, and has not failed; it stays finished.
    """

    name: str
    make_work: Callable[[], AbstractContextManager[Work]]
    workers: int = 1
    maxsize: int = 1
    takes_finished: bool = False

    def __post_init__(self) -> None:
        if self.workers < 1 or self.maxsize < 1:
            raise ValueError(f"stage {self.name!r} needs at least one worker and room for one parcel")

    @classmethod
    def of(cls, name: str, function: Callable[[Any], Any], *, workers: int = 1, maxsize: int = 1) -> "Stage":
        """A stage from a plain function of one payload."""

        @contextmanager
        def make_work() -> Iterator[Work]:
            yield lambda payload, _stop: function(payload)

        return cls(name, make_work, workers, maxsize)
