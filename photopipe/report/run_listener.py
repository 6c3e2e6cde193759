"""Who is told, in the main thread, what happens in a run: printers, progress, reports, the service manager."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from photopipe.pipeline import LineStats, SpanRecorder
from photopipe.report.account import Account
from photopipe.report.outcomes import LeftOver, Notice, PhotoOutcome, Problem


@dataclass(frozen=True, slots=True)
class FoundSoFar:
    """What the sources of a run have found so far.

    Attributes:
        photos: how many.
        size_bytes: size of those that need work, as the camera wrote them.
        is_all: whether there is nothing else to find.
    """

    photos: int
    size_bytes: int
    is_all: bool


class RunView(Protocol):
    """What a listener may look at while the run goes on; all of it is cheap enough to ask after every photo."""

    account: Account
    galleries: Sequence[str]

    @property
    def stopped_by(self) -> str | None:
        """The limit that ends the run before its sources do, such as `max_duration`; None as long as there is none."""
        ...

    @property
    def dashboard(self) -> str | None:
        """The address of pages about the cluster that the run is on, or None."""
        ...

    def found(self) -> FoundSoFar:
        """What the sources have found so far."""
        ...

    def waiting(self) -> dict[str, int]:
        """How many photos wait in front of each stage."""
        ...

    def stats(self) -> LineStats:
        """What queues and workers have done so far."""
        ...

    def record_spans(self) -> SpanRecorder:
        """Record when each worker is busy, with the paths of the photos; to be called in `started`."""
        ...


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended.

    Attributes:
        account: the totals.
        seconds: how long it took.
        exit_code: what the command ends with.
        error: what stopped the line, or None.
        stopped_by: what ended it before its source was: a limit such as `max_duration`, `signal`, `error`, or None.
        messages: what else is to be said, one sentence each.
    """

    account: Account
    seconds: float
    exit_code: int
    error: Exception | None
    stopped_by: str | None = None
    messages: Sequence[str] = ()

    @property
    def limit_option(self) -> str | None:
        """The option whose limit ended the run; None if no limit did."""
        return None if self.stopped_by in {None, "signal", "error"} else limit_option(self.stopped_by or "")

    def with_lost(self, what: str | None) -> Self:
        """The same end if nothing was lost of what a listener was to write; otherwise that is said, and the run failed.

        Args:
            what: a sentence, or None.
        """
        if what is None:
            return self
        code = 1 if self.exit_code in {0, 3, 10} else self.exit_code  # as when stdout cannot be written
        return replace(self, exit_code=code, messages=(*self.messages, what))


def limit_option(limit: str) -> str:
    """The option that sets a limit: `--max-photos` for `max_photos`."""
    return f"--{limit.replace('_', '-')}"


class RunListener:
    """Told what happens; each method does nothing here, so that a listener has only those it needs.

    Everything is called in the main thread, and must neither wait nor keep anything for each photo.
    """

    def started(self, run: RunView) -> None:
        """Nothing has happened yet."""

    def photo(self, outcome: PhotoOutcome) -> None:
        """How one photo, or one rendition of it, ended."""

    def problem(self, problem: Problem) -> None:
        """A file or folder that could not be read."""

    def notice(self, notice: Notice) -> None:
        """Something a person should know."""

    def left_over(self, photo: LeftOver) -> None:
        """A photo that was found and not finished; told when the line has stopped."""

    def tick(self) -> None:
        """Called after every event, and several times a second while there is none."""

    def stopping(self, signals_received: int) -> None:
        """A signal came: the first ends the run after the photos in progress, the second drops them."""

    def line_ended(self) -> None:
        """There are no more events; nothing has been said of the end yet."""

    def ended(self, end: RunEnd) -> None:
        """All is done, and the exit code is known."""

    @property
    def lost(self) -> str | None:
        """Asked after `ended`: a sentence that says what it was to write and could not; None if nothing is missing."""
        return None

    def close(self) -> None:
        """Release what it holds; called last, whatever happened."""
