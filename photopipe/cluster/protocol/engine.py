"""What moves tasks to other processes and their reports back, as the driver and the tasks see it.

An engine may lose a task, run it twice, or report long after nobody waits for it any more.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from photopipe.stop_token import StopToken


class WorkerState(NamedTuple):
    """A worker process as the engine knows it now.

    Attributes:
        process: `machine:process`, the same as `WorkerContext.process` there.
        threads: how many tasks it runs at the same time.
        unseen_s: how long ago it gave its last sign of life [seconds].
        clock_ahead_s: how far its clock is ahead of the driver's [seconds].
    """

    process: str
    threads: int
    unseen_s: float
    clock_ahead_s: float = 0.0


class WorkerContext(Protocol):
    """What a task is given where it runs."""

    process: str
    """`machine:process` of the worker."""
    memory_bytes: int | None
    """What the worker may use, if it has a limit."""

    def slot(self, name: str, limit: int, stop: StopToken) -> AbstractContextManager[None]:
        """Wait for one of the `limit` slots that all workers of the cluster share under this name, and hold it.

        Raises:
            RunStopped: `stop` was set meanwhile.
        """

    def tell_driver(self, message: tuple[Any, ...]) -> None:
        """Send something small to the driver, which may get lost; see `Engine.on_message`."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A task that was given to an engine.

    Attributes:
        cancel: gives it up, if it has not begun; its report is not wanted any more in any case.
    """

    cancel: Callable[[], None]


Task = Callable[[Any, WorkerContext], Any]
"""Does the work of one message where there is a worker; both can be pickled, and so can what it returns."""


class TaskLost(Exception):
    """A task that has no report and never will: its worker died, or the engine has forgotten it."""


class Engine(Protocol):
    """Moves tasks to workers."""

    on_message: Callable[[tuple[Any, ...]], None]
    """Called, in a thread of the engine, with what a worker tells the driver."""

    @property
    def dashboard(self) -> str | None:
        """The address of the engine's own pages about the cluster, or None."""

    def workers(self) -> Mapping[str, WorkerState]:
        """The workers there are now, by their addresses.

        Raises:
            GalleryUnreachable: the cluster cannot be reached.
        """

    def submit(
        self,
        task: Task,
        message: Any,
        on_end: Callable[[Any], None],
        *,
        worker: str,
        urgent: bool = False,
    ) -> Submitted:
        """Have a task done.

        Args:
            task: what is done.
            message: what it is done with.
            on_end: called once, in a thread of the engine, with what the task returned, with the exception that it
                raised, or with `TaskLost`.
            worker: address of the only worker that may do it.
            urgent: whether it goes before tasks that are not.
        """

    def ask_all(self, task: Task, message: Any) -> Mapping[str, Any]:
        """Have a task done once by each worker; returns what each has returned or raised, by its address.

        One that is gone meanwhile is left out.
        """

    def everywhere(self, task: Task, message: Any) -> None:
        """Have a task done once by each worker, beside whatever it is doing; nothing is waited for or reported."""

    def close(self) -> None:
        """Leave the cluster, or end one that was started for this run."""
