"""A source and workers that are not real around a driver, an account and a journal that are: for benchmarks.

Worker processes import this file, so that their tasks can be pickled by reference.
"""

import hashlib
import pickle
import random
import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from photopipe.cluster.driver.cluster_pipeline import ClusterPipeline
from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.driver.recording import Recording
from photopipe.cluster.protocol.engine import Engine, Submitted, WorkerContext, WorkerState
from photopipe.cluster.protocol.messages import (
    Delivered,
    DeliveryReport,
    Message,
    Read,
    ReadReport,
    Sent,
    Span,
)
from photopipe.download.settling import Settling
from photopipe.download.sources.source import FolderPage
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.line import Line
from photopipe.photo import DownloadedPhoto, Receipt, Rendition, Target
from photopipe.report import Account
from photopipe.run_limits import RunLimits
from photopipe.settings import LimitSettings, ResizeSettings, UploadSettings
from photopipe.stages import Claims, DeliveryLog, FailedGalleries, LostSource, Sorting
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

GALLERY = "form:https://gallery.example/api/photos"
PHOTOS_OF_A_PAGE = 1000
HEAD = b"\xff\xd8\xff\xe1" + b"x" * 60
MTIME_NS = 1_700_000_000_000_000_000
UPLOAD = UploadSettings("https://gallery.example/api/photos", workers=100_000)


class Times(NamedTuple):
    """How long a simulated worker takes for a photo [seconds]; each photo between a half and one and a half of it.

    Attributes:
        read_s: to read and hash it.
        resize_s: to resize it.
        upload_s: to upload it.
        said_s: how long it says that each took, which makes the size of batches; None for the truth.
    """

    read_s: float = 0.0
    resize_s: float = 0.0
    upload_s: float = 0.0
    said_s: float | None = None


class Cost(NamedTuple):
    """What a run took.

    Attributes:
        wall_s: from the first finding to the last parcel.
        cpu_s: of this process, all threads.
        first_s: until the first photo was done.
        rate: photos per second between a tenth and nine tenths of all, when the number in flight has settled.
        peak_mb: most memory this process ever had.
        tasks: how many were submitted.
    """

    wall_s: float
    cpu_s: float
    first_s: float
    rate: float
    peak_mb: float
    tasks: int


def found_pages(photos: int) -> Iterator[FolderPage]:
    """Findings that are made as they are asked for."""
    for start in range(0, photos, PHOTOS_OF_A_PAGE):
        folder = f"/archive/DCIM/{start // PHOTOS_OF_A_PAGE:06}"
        numbers = range(start, min(photos, start + PHOTOS_OF_A_PAGE))
        yield FolderPage(
            folder,
            [FoundPhoto(f"{folder}/IMG_{one:08}.JPG", 66, one + 1, 5_000_000, MTIME_NS, MTIME_NS) for one in numbers],
        )


def read_photos(message: Message, context: WorkerContext) -> ReadReport:
    """Take the time of reading, and make up the hashes."""
    times, photos = _what(message)
    return ReadReport(context.process, _thread(), [_read(found, times) for found in photos])


def deliver_photos(message: Message, context: WorkerContext) -> DeliveryReport:
    """Take the time of resizing and uploading, and make up the gallery's answers."""
    times, delivery = _what(message)
    return DeliveryReport(context.process, _thread(), [_deliver(one.photo, times) for one in delivery.photos], [])


class InstantEngine:
    """Workers that answer at once, in one thread of this process.

    Args:
        workers: how many there seem to be.
        threads: of each.
    """

    def __init__(self, workers: int = 8, threads: int = 2) -> None:
        self.on_message: Callable[[tuple[Any, ...]], None] = lambda _message: None
        self.tasks = 0
        self.pickled_s = 0.0
        self._workers = {f"tcp://{one}": WorkerState(f"elsewhere:{one}", threads, 0.0) for one in range(workers)}
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="instant-engine")
        self._thread.start()

    def workers(self) -> Mapping[str, WorkerState]:
        """The workers, which never go away."""
        return self._workers

    def submit(
        self,
        task: Callable[..., Any],
        message: Any,
        on_end: Callable[[Any], None],
        *,
        worker: str,
        urgent: bool = False,
    ) -> Submitted:
        """Have a task done; message and report are pickled, as they are by an engine with other processes."""
        self.tasks += 1
        context = _Context(self._workers[worker].process)

        def work() -> None:
            began_s = time.thread_time()
            sent = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
            self.pickled_s += time.thread_time() - began_s
            report = pickle.dumps(task(_unpickled(sent), context), pickle.HIGHEST_PROTOCOL)
            began_s = time.thread_time()
            received = _unpickled(report)
            self.pickled_s += time.thread_time() - began_s
            on_end(received)

        self._queue.put(work)
        return Submitted(lambda: None)

    def ask_all(self, task: Callable[..., Any], message: Any) -> Mapping[str, Any]:
        """Nobody is asked."""
        return {}

    def everywhere(self, task: Callable[..., Any], message: Any) -> None:
        """Nobody is told."""

    def close(self) -> None:
        """End the thread."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            work()


class CountingEngine:
    """An engine that counts the tasks that pass through it to another one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.tasks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def submit(self, *arguments: Any, **named: Any) -> Submitted:
        """Pass a task on."""
        self.tasks += 1
        return self._engine.submit(*arguments, **named)


class TimedRecording(Recording):
    """The real recording, which adds up how long it takes: wall and processor time of the driver's thread."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.spent: dict[str, list[float]] = {}

    def admit(self, *arguments: Any) -> Any:
        """As it says there, timed, like the next three."""
        return self._timed("admit", super().admit, *arguments)

    def lease(self, *arguments: Any) -> Any:
        """Timed."""
        return self._timed("lease", super().lease, *arguments)

    def delivered(self, *arguments: Any) -> Any:
        """Timed."""
        return self._timed("record", super().delivered, *arguments)

    def finished(self, *arguments: Any) -> Any:
        """Timed."""
        return self._timed("finish", super().finished, *arguments)

    def _timed(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        began_s, began_cpu = time.perf_counter(), time.thread_time()
        try:
            return work(*arguments)
        finally:
            spent = self.spent.setdefault(name, [0.0, 0.0, 0])
            spent[0] += time.perf_counter() - began_s
            spent[1] += time.thread_time() - began_cpu
            spent[2] += 1


def run_driver(
    engine: Any, journal_path: str, findings: Iterator[FolderPage], photos: int, times: Times, *, is_timed: bool = False
) -> tuple[Cost, Mapping[str, list[float]]]:
    """Run the driver, its journal and the account, as `open_line` puts them together.

    Args:
        engine: moves the tasks; counts them as `tasks`.
        journal_path: where the journal is made.
        findings: what the source finds.
        photos: how many are done, after which the run ends.
        times: of the workers.
        is_timed: whether what the journal takes is measured, too.

    Returns:
        What it cost and, by name, wall seconds, CPU seconds and number of calls of parts, if they are timed.
    """
    recipe = ResizeSettings()
    journal = Journal(journal_path, [Target(recipe.recipe_id, GALLERY)])
    account, failed, wakeup, stop = Account(), FailedGalleries(1), Wakeup(), StopToken()
    sorting = Sorting(
        *(journal, Claims(wakeup.wake), Settling(lambda _photo: 2.0), wakeup, StopToken()),
        account.pull,
        looks_ahead=True,
    )
    limits = RunLimits(LimitSettings(), account, sorting.draining, wakeup, started_s=time.monotonic())
    log = DeliveryLog(journal, {recipe.recipe_id: ("default", recipe)}, sorting.claims, sorting.settling, LostSource())
    number = journal.runs.start()
    assert number is not None
    transfers = {GALLERY: UPLOAD.workers}
    run = ClusterRun("simulated", pickle.dumps(times), number, 120.0, transfers, read_photos, deliver_photos)
    recording = (TimedRecording if is_timed else Recording)(log, failed, [(GALLERY, UPLOAD)])
    source = limits.admit(sorting.sort(limits.noting_end(findings)))
    pipeline = ClusterPipeline(source, engine, run, recording, stop=stop, draining=sorting.draining)
    line = Line(
        *(pipeline, account),
        galleries=[GALLERY],
        failed_galleries=failed,
        sorting=sorting,
        limits=limits,
        lost_source=log.lost_source,
        record_end=lambda _code: None,
        take_notices=journal.take_notices,
    )
    began_s, began_cpu = time.perf_counter(), time.process_time()
    marks = [1, photos // 10, photos * 9 // 10]
    moments: list[float] = []
    for _event in line.run(0.25, tells_skipped=False):
        while len(moments) < len(marks) and account.uploaded >= marks[len(moments)]:
            moments.append(time.perf_counter() - began_s)
        if account.uploaded >= photos:
            line.drain()
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu
    assert account.uploaded >= photos, account
    assert account.balances, account
    journal.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    rate = (marks[2] - marks[1]) / max(1e-9, moments[2] - moments[1])
    return Cost(wall_s, cpu_s, moments[0], rate, peak_mb, engine.tasks), getattr(recording, "spent", {})


def new_journal(folder: Path) -> str:
    """A path for a journal that nobody has used."""
    return str(folder / f"{time.monotonic_ns()}.sqlite")


class _Context(NamedTuple):
    process: str


def _unpickled(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - our own


def _what(message: Message) -> tuple[Times, Any]:
    if message.spec not in _TIMES:
        _TIMES[message.spec] = _unpickled(message.spec)
    return _TIMES[message.spec], message.body


def _read(found: FoundPhoto, times: Times) -> Read:
    span = _pass(times.read_s, times.said_s)
    return Read(hashlib.sha256(found.path.encode()).hexdigest(), HEAD, span=span)


def _deliver(photo: DownloadedPhoto, times: Times) -> Delivered:
    resized, uploaded = _pass(times.resize_s, times.said_s), _pass(times.upload_s, 0.0 if times.said_s else None)
    content = photo.source_sha256
    sent = []
    for delivery in photo.plan:
        rendition = Rendition(
            *(f"{photo.found.name}.jpg", "image/jpeg", 500_000, content, content[:40], content[:32], 2048, 1365),
            taken_at="2025-10-12T10:00:00+02:00",
            recipe_id=delivery.target.recipe_id,
        )
        sent.append(Sent(rendition, Receipt(content[:24], f"https://gallery.example/photos/{content[:24]}")))
    return Delivered(tuple(sent), None, resized, uploaded)


def _pass(seconds: float, said_s: float | None) -> Span:
    if seconds:
        seconds *= random.uniform(0.5, 1.5)
        time.sleep(seconds)
    return Span(time.time() - seconds, seconds if said_s is None else said_s)


def _thread() -> int:
    return _THREADS.setdefault(threading.get_ident(), len(_THREADS))


_TIMES: dict[bytes, Times] = {}
_THREADS: dict[int, int] = {}
