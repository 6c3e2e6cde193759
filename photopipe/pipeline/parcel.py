"""What travels on the line: the payload, and what has become of it so far."""

from dataclasses import dataclass, replace
from typing import Any

from photopipe.errors import ItemError


@dataclass(frozen=True, slots=True)
class Finished:
    """A payload that needs no more work: it travels to the end of the line, and only stages that ask for it touch it.

    A source may yield it and a stage may return it.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing from the source, on its way.

    A parcel that failed travels to the end of the line with its failure, so every stage puts
    exactly one parcel for each it takes: "nothing is lost" is a local rule.

    Attributes:
        sequence: 0, 1, 2 ... in the order the source gave them.
        payload: what the last stage that worked on it made of it.
        pulled_at_s: when the source gave it, on the monotonic clock [seconds].
        done: names of the stages that worked on it before it was finished.
        finished: True if no stage needs to touch it any more.
        failed_at: the stage that failed, or None.
        error: why it failed, or None.
    """

    sequence: int
    payload: Any
    pulled_at_s: float = 0.0
    done: tuple[str, ...] = ()
    finished: bool = False
    failed_at: str | None = None
    error: ItemError | None = None

    def advanced(self, stage: str, result: object) -> "Parcel":
        """This parcel after a stage made `result` of it."""
        finished = self.finished or isinstance(result, Finished)
        payload = result.value if isinstance(result, Finished) else result
        done = self.done if self.finished else (*self.done, stage)
        return replace(self, payload=payload, done=done, finished=finished)

    def failed(self, stage: str, error: ItemError) -> "Parcel":
        """This parcel after a stage failed on it; it keeps the payload it had."""
        return replace(self, finished=True, failed_at=stage, error=error)
