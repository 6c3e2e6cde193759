"""An engine in this process that does what a cluster may do: it loses tasks, runs them twice, late or elsewhere."""

import itertools
import pickle
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

from photopipe.cluster.protocol.engine import Submitted, Task, TaskLost, WorkerState
from photopipe.cluster.protocol.messages import Delivery, Message
from photopipe.cluster.worker.tasks import read_photos
from photopipe.stop_token import StopToken

OK: Final = "ok"
LOST_BEFORE: Final = "lost before it ran"
LOST_AFTER: Final = "lost after it ran"
TWICE: Final = "run twice by one worker"
ELSEWHERE: Final = "run by another worker, too"
GONE: Final = "the worker is gone, and goes on"
SILENT: Final = "the worker is paused, and goes on later"
LATE: Final = "the worker is paused before it reports"
FAULTS: Final = (LOST_BEFORE, LOST_AFTER, TWICE, ELSEWHERE, GONE, SILENT, LATE)


class ThreadContext:
    """A simulated worker: what a task is given.

    Args:
        process: its name, on a host that is not this one, so that nobody can see whether it lives.
        engine: whose driver it talks to.
    """

    def __init__(self, process: str, engine: "FaultyEngine") -> None:
        self.process = process
        self.memory_bytes: int | None = None
        self._engine = engine

    @contextmanager
    def slot(self, name: str, limit: int, stop: StopToken) -> Iterator[None]:
        """One of a number of slots that all workers share."""
        with self._engine.semaphore(name, limit):
            with self._engine.lock:
                self._engine.in_slots += 1
                self._engine.most_in_slots = max(self._engine.most_in_slots, self._engine.in_slots)
            try:
                yield
            finally:
                with self._engine.lock:
                    self._engine.in_slots -= 1

    def tell_driver(self, message: tuple[Any, ...]) -> None:
        """Pass it on as it would travel."""
        self._engine.on_message(pickle.loads(pickle.dumps(message)))  # noqa: S301 - our own


class FaultyEngine:
    """Workers that are threads; all that travels is pickled.

    Args:
        faults: what happens to each task that delivers; when it ends, all is well.
        workers: how many.
        threads: of each.
        late_s: how long a worker that is gone or paused stays so [seconds].
        kills: content of a photo with which each worker dies that is to deliver it.

    Attributes:
        largest_report: bytes of the largest report for each photo in it.
        most_in_slots: most slots that were held at the same time.
    """

    def __init__(
        self, faults: Iterable[str] = (), *, workers: int = 2, threads: int = 2, late_s: float = 0.5, kills: bytes = b""
    ) -> None:
        self.on_message: Callable[[tuple[Any, ...]], None] = lambda _message: None
        self.dashboard: str | None = None
        self.lock = threading.Lock()
        self.in_slots = self.most_in_slots = 0
        self.largest_report = 0.0
        self._faults = itertools.chain(faults, itertools.repeat(OK))
        self._threads = threads
        self._late_s = late_s
        self._kills = sha256(kills).hexdigest()
        self._numbers = itertools.count(1)
        self._pool = ThreadPoolExecutor(32)
        self._semaphores: dict[str, threading.Semaphore] = {}
        self._silent: set[str] = set()
        self._contexts: dict[str, ThreadContext] = {}
        self._everyone: list[ThreadContext] = []
        for _ in range(workers):
            self._start_worker()

    def workers(self) -> Mapping[str, WorkerState]:
        """Those that are not gone."""
        with self.lock:
            return {
                address: WorkerState(one.process, self._threads, 60.0 if address in self._silent else 0.0)
                for address, one in self._contexts.items()
            }

    def submit(
        self, task: Task, message: Any, on_end: Callable[[Any], None], *, worker: str, urgent: bool = False
    ) -> Submitted:
        """Have a task done, or what goes for it."""
        fault = OK if task is read_photos else next(self._faults)
        self._pool.submit(self._do, task, pickle.dumps(message), on_end, worker, fault)
        return Submitted(lambda: None)

    def ask_all(self, task: Task, message: Any) -> Mapping[str, Any]:
        """Ask each worker."""
        return {address: self._run(task, pickle.dumps(message), one) for address, one in self._contexts.items()}

    def everywhere(self, task: Task, message: Any) -> None:
        """Tell each worker that ever was."""
        for one in self._everyone:
            self._pool.submit(self._run, task, pickle.dumps(message), one)

    def close(self) -> None:
        """End all threads."""
        self._pool.shutdown()

    def semaphore(self, name: str, limit: int) -> threading.Semaphore:
        """The one with this name."""
        with self.lock:
            return self._semaphores.setdefault(name, threading.Semaphore(limit))

    def _start_worker(self) -> None:
        number = next(self._numbers)
        context = ThreadContext(f"elsewhere:{number}", self)
        self._contexts[f"worker-{number}"] = context
        self._everyone.append(context)

    def _do(self, task: Task, message: bytes, on_end: Callable[[Any], None], address: str, fault: str) -> None:
        with self.lock:
            context = self._contexts.get(address)
        if context is None:
            return
        if fault == LOST_BEFORE or self._is_deadly(pickle.loads(message)):  # noqa: S301 - our own
            on_end(TaskLost())
            return
        if fault in {GONE, SILENT}:
            self._leave(address, fault)
        result = self._run(task, message, context)
        if fault == TWICE:
            result = self._run(task, message, context)
        if fault == ELSEWHERE:
            with self.lock:
                other = next((one for one in self._contexts.values() if one is not context), context)
            result = self._run(task, message, other)
        if fault == LATE:
            self._leave(address, SILENT)
        on_end(TaskLost() if fault == LOST_AFTER else result)
        self._come_back(address)

    def _is_deadly(self, message: Message) -> bool:
        photos = message.body.photos if isinstance(message.body, Delivery) else ()
        return any(leased.photo.source_sha256 == self._kills for leased in photos)

    def _leave(self, address: str, fault: str) -> None:
        """The worker stops in the middle of what it does; somebody starts another one if it is gone."""
        with self.lock:
            if fault == GONE and address in self._contexts:
                del self._contexts[address]
                self._start_worker()
            elif fault == SILENT:
                self._silent.add(address)
        time.sleep(self._late_s)

    def _come_back(self, address: str) -> None:
        with self.lock:
            self._silent.discard(address)

    def _run(self, task: Task, message: bytes, context: ThreadContext) -> Any:
        try:
            report = task(pickle.loads(message), context)  # noqa: S301 - our own
        except Exception as error:
            return error
        travelled = pickle.dumps(report)
        photos = len(getattr(report, "photos", ())) or 1
        self.largest_report = max(self.largest_report, len(travelled) / photos)
        return pickle.loads(travelled)  # noqa: S301 - our own
