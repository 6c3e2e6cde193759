"""The engine that is Dask distributed: the only file that knows it.

Tasks are pinned to one worker, so that Dask never moves one by itself; when a worker is gone, the driver decides what
becomes of its photos. Reports are fetched from the worker that has them, many at a time.
"""

import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import resource_tracker
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, NamedTuple

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Semaphore, Worker, get_worker
from distributed.comm import CommClosedError
from distributed.scheduler import DEFAULT_EXTENSIONS
from distributed.spans import SpansSchedulerExtension
from distributed.utils_comm import gather_from_workers

from photopipe.cluster.protocol.engine import Submitted, Task, TaskLost, WorkerState
from photopipe.cluster.protocol.takeover import process_here
from photopipe.errors import GalleryUnreachable, RunStopped
from photopipe.settings import ClusterSettings
from photopipe.stop_token import StopToken

TOPIC: Final = "photopipe"
THREADS: Final = 2
"""Of each worker that is started here: while one uploads, another resizes."""
CONNECT_S: Final = 10.0
ANSWER_S: Final = 10.0
"""How long a worker may take to say who it is."""
SLOT_TRY_S: Final = 1.0
QUIET_DASK: Final = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "500ms"}
"""What Dask measures of itself costs half a millisecond a task."""
KEEP_MEMORY: Final = {
    f"distributed.nanny.pre-spawn-environ.{name}": mib << 20
    for name, mib in (("MALLOC_MMAP_THRESHOLD_", 32), ("MALLOC_TRIM_THRESHOLD_", 64))
}
"""Where glibc's own adjustment ends. Dask has it give back whatever is freed, which costs 10,000 page faults a photo.

Source: glibc manual, "Malloc Tunable Parameters"; a set threshold switches the adjustment off.
"""


class _Ended(NamedTuple):
    future: Future
    address: str
    on_end: Callable[[Any], None]


class DaskEngine:
    """Tasks on the workers of a Dask scheduler.

    Args:
        client: connected to the scheduler.
        cluster: what was started for this run, or None.
    """

    def __init__(self, client: Client, cluster: LocalCluster | None = None) -> None:
        self.on_message: Callable[[tuple[Any, ...]], None] = lambda _message: None
        self._client = client
        self._cluster = cluster
        self._known: dict[tuple[str, str], tuple[str, float]] = {}
        self._ended: SimpleQueue[_Ended | None] = SimpleQueue()
        self._scheduler_ahead_s = client.run_on_scheduler(time.time) - time.time()
        client.subscribe_topic(TOPIC, lambda event: self.on_message(event[1]))
        self._collector = Thread(target=self._collect, name="reports", daemon=False)
        self._collector.start()

    @classmethod
    def opened(cls, settings: ClusterSettings) -> "DaskEngine":
        """Connect to a scheduler, or start a cluster here.

        Raises:
            GalleryUnreachable: the scheduler does not answer, or workers cannot be started here.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask.config.set(QUIET_DASK | KEEP_MEMORY)
        if settings.scheduler is not None:
            return cls(_connected(settings.scheduler))
        cluster = _started(settings.workers)
        return cls(Client(cluster), cluster)

    @property
    def dashboard(self) -> str | None:
        """The address of Dask's own pages about the cluster, which need Bokeh where the scheduler runs."""
        return self._client.dashboard_link or None if self._cluster is None or find_spec("bokeh") else None

    def workers(self) -> Mapping[str, WorkerState]:
        """The workers there are now, by their addresses; none while the scheduler does not answer."""
        try:
            info = self._client.sync(self._client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_S)
        except (OSError, TimeoutError, AttributeError):  # Dask has no scheduler to ask while it connects again
            return {}
        now_s = time.time() + self._scheduler_ahead_s
        workers = {}
        for address, one in info["workers"].items():
            process, ahead_s = self._introduced(address, str(one["id"]))
            if process:
                workers[address] = WorkerState(process, one["nthreads"], max(0.0, now_s - one["last_seen"]), ahead_s)
        return workers

    def submit(
        self,
        task: Task,
        message: Any,
        on_end: Callable[[Any], None],
        *,
        worker: str,
        urgent: bool = False,
    ) -> Submitted:
        """Have a task done by one worker."""
        future = self._client.submit(
            *(_run_task, task, message),
            pure=False,
            workers=[worker],
            allow_other_workers=False,
            priority=int(urgent),
            retries=0,
        )
        future.add_done_callback(lambda done: self._ended.put(_Ended(done, worker, on_end)))
        return Submitted(lambda: self._cancel(future))

    def everywhere(self, task: Task, message: Any) -> None:
        """Have a task done once by each worker; a worker that does not answer is not waited for."""

        async def tell() -> None:
            with suppress(Exception):  # a worker that is gone needs not be told
                await self._client.run(_run_here, task, message, asynchronous=True, on_error="ignore")

        self._client.loop.add_callback(tell)

    def ask_all(self, task: Task, message: Any) -> dict[str, Any]:
        """Have a task done once by each worker; returns what each that is still there has returned or raised."""
        answers: dict[str, Any] = self._client.run(_run_here, task, message, on_error="return")
        return {address: one for address, one in answers.items() if not isinstance(one, CommClosedError)}

    def close(self) -> None:
        """Leave the cluster, or end the one that was started here."""
        self._ended.put(None)
        self._collector.join()
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _introduced(self, address: str, name: str) -> tuple[str, float]:
        """The process of a worker, and how far its clock is ahead; asked once."""
        if (address, name) not in self._known:
            asked_s = time.time()
            try:
                answer = self._client.sync(
                    self._client.run, _introduce, workers=[address], on_error="ignore", callback_timeout=ANSWER_S
                )
            except (OSError, TimeoutError):
                return "", 0.0
            if address not in answer:
                return "", 0.0
            process, there_s = answer[address]
            self._known[address, name] = process, there_s - (asked_s + time.time()) / 2
        return self._known[address, name]

    def _cancel(self, future: Future) -> None:
        with suppress(OSError, TimeoutError):
            self._client.cancel([future], asynchronous=False)

    def _collect(self) -> None:
        """Fetch the reports of tasks that have ended, as many at a time as there are; a thread of its own."""
        is_open = True
        while is_open:
            ended = [self._ended.get()]
            while not self._ended.empty():
                ended.append(self._ended.get())
            is_open = None not in ended
            self._pass_on([one for one in ended if one is not None])

    def _pass_on(self, ended: list[_Ended]) -> None:
        done = {one.future.key: [one.address] for one in ended if one.future.status == "finished"}
        data: Mapping[Any, Any] = {}
        if done:
            with suppress(OSError, TimeoutError):
                data = self._client.sync(gather_from_workers, done, rpc=self._client.rpc)[0]
        for one in ended:
            if one.future.key in data:
                one.on_end(data[one.future.key])
            else:
                one.on_end(_why(one.future))


class _NoSpans(SpansSchedulerExtension):  # type: ignore[misc] # Dask ships no types
    """Remembers nothing, where Dask's own keeps a description of every task, 0.3 kB, for good.

    It cannot be left out, because workers report to it.
    """

    def observe_tasks(self, *_args: Any, **_kwargs: Any) -> dict[Any, dict[Any, Any]]:
        """Take no notice."""
        return {}

    def heartbeat(self, *_args: Any) -> None:
        """Take no notice."""


class _Context:
    """Where a task runs.

    Args:
        worker: Dask's.
    """

    def __init__(self, worker: Worker) -> None:
        self.process = process_here()
        self.memory_bytes: int | None = worker.memory_manager.memory_limit
        self._worker = worker

    @contextmanager
    def slot(self, name: str, limit: int, stop: StopToken) -> Iterator[None]:
        """Hold one of Dask's leases of a semaphore; it takes back what a dead worker holds."""
        semaphore = _semaphore(name, limit)
        while not semaphore.acquire(timeout=SLOT_TRY_S):
            if stop.is_set():
                raise RunStopped("the run was stopped while a photo waited for the gallery")
        try:
            yield
        finally:
            semaphore.release()

    def tell_driver(self, message: tuple[Any, ...]) -> None:
        """Send an event to all clients that listen."""
        self._worker.log_event(TOPIC, message)


def _run_task(task: Task, message: Any) -> Any:
    return task(message, _Context(get_worker()))


def _run_here(task: Task, message: Any, dask_worker: Worker) -> Any:
    return task(message, _Context(dask_worker))


def _introduce() -> tuple[str, float]:
    return process_here(), time.time()


def _semaphore(name: str, limit: int) -> Semaphore:
    with _LOCK:
        if name not in _SEMAPHORES:
            _SEMAPHORES[name] = Semaphore(max_leases=limit, name=name)
        return _SEMAPHORES[name]


def _why(future: Future) -> Exception:
    """Why a task has no report."""
    if future.status == "error":
        error = future.exception(timeout=ANSWER_S)
        if isinstance(error, Exception) and not isinstance(error, KilledWorker):
            return error
    return TaskLost(future.status)


def _connected(address: str) -> Client:
    shown = address.replace("tcp://", "dask://").replace("tls://", "dask+tls://")
    host, _, port = address.partition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()  # Dask would try again and again
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise GalleryUnreachable(
            f"{shown}: no Dask scheduler answers there. Start one with `dask scheduler` and workers with "
            f"`dask worker {address}`, or use the computer you are at with --on local:4."
        ) from error


def _started(workers: int) -> LocalCluster:
    try:
        with _without_interrupts():
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=THREADS,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # its usual port may be taken; ":0" would listen to the network
                preload=["photopipe.cluster.worker.ignore_interrupts"],
                protocol="tls",
                security=True,  # else anybody on this computer could have the workers do what they want
                silence_logs=logging.CRITICAL,
                scheduler_kwargs={"extensions": DEFAULT_EXTENSIONS | {"spans": _NoSpans}},
            )
    except (OSError, RuntimeError, TimeoutError) as error:
        raise GalleryUnreachable(
            f"--on local:{workers}: a worker process did not start ({error.__cause__ or error}). Run again; if that "
            "does not help, see whether the computer has memory left, or use fewer workers."
        ) from error


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C from the threads, and so from the processes, that are started in the block and by those threads.

    A terminal sends it to every process of a command. The driver knows what it means; a worker would die of it before
    it has loaded `ignore_interrupts`.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_LOCK: Final = Lock()
_SEMAPHORES: Final[dict[str, Semaphore]] = {}
"""Those of this process."""
