"""START HERE for the driver: the thread that gives photos to workers and records what they report.

    read    a task reads and hashes some photos; it may run as often as the engine likes
    admit   the driver asks the journal what is undone of each, and keeps copies of a photo apart
    lease   the driver records durably which worker may send which photo, and until when
    deliver a task resizes and sends the photos that were leased to its worker
    record  the driver records what the galleries have answered; what is unknown is leased again, as one attempt more

A lease of attempt 2 or more, a lease in the hands of another worker than it names, and a lease that is used a second
time make the worker ask the gallery before it sends; so nothing depends on what the engine promises.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from photopipe.cluster.driver.batches import MOST
from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.driver.cluster_stats import ClusterStats
from photopipe.cluster.driver.fleet import Fleet
from photopipe.cluster.driver.in_flight import InFlight, Intake
from photopipe.cluster.driver.recording import Ended, Recording
from photopipe.cluster.driver.submitted_task import SubmittedTask
from photopipe.cluster.driver.work_queue import WorkQueue
from photopipe.cluster.protocol.engine import Engine, TaskLost
from photopipe.cluster.protocol.messages import Delivered, DeliveryReport, ReadReport
from photopipe.cluster.protocol.takeover import may_be_taken_over
from photopipe.cluster.worker.tasks import pause_uploads, stop_run
from photopipe.errors import DownloadError, GalleryFailed, ResizeError
from photopipe.photo import DownloadedPhoto
from photopipe.pipeline import Parcel, QueueAborted
from photopipe.pipeline.workers import Outlet

LOOK_S: Final = 1.0
"""How often workers are looked at while something is in flight."""
ABORT_S: Final = 10.0
"""How long an aborted run waits for what workers have in hand."""
EVENTS_AT_ONCE: Final = 16 * MOST
MOST_LOSSES: Final = 9
"""Workers that may die while they have a photo; who kills workers on purpose hits the same photo several times."""
MOST_ATTEMPTS: Final = 20


class Dispatcher(Thread):
    """The driver's thread: all that it knows is touched by it alone.

    Args:
        engine: moves tasks to workers.
        run: what does not change.
        recording: what the journal is told.
        results: where finished parcels go.
        stats: what is counted.
        on_crash: called with what ends the run.

    Attributes:
        intake: where the source puts.
    """

    def __init__(
        self,
        engine: Engine,
        run: ClusterRun,
        recording: Recording,
        *,
        results: Outlet,
        stats: ClusterStats,
        on_crash: Callable[[BaseException], None],
    ) -> None:
        super().__init__(name="dispatcher", daemon=False)
        self.intake = Intake(self._tell(self._take), results, self._tell(self._source_ended))
        self._engine = engine
        self._run = run
        self._recording = recording
        self._results = results
        self._stats = stats
        self._on_crash = on_crash
        self._events: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._work = WorkQueue()
        self._photos: dict[int, InFlight] = {}
        self._in_doubt: list[InFlight] = []
        self._content: dict[str, list[InFlight]] = {}
        self._copies: deque[InFlight] = deque()
        self._finished_late: list[Parcel] = []
        self._fleet = Fleet(
            engine,
            run,
            recording,
            self._work,
            on_read=self._tell(self._read),
            on_delivered=self._tell(self._delivered),
            on_nothing_left=self._deliver_again,
        )
        self._looked_s = 0.0
        self._has_source_ended = False
        self._is_aborted = False

    @property
    def left_over(self) -> list[Parcel]:
        """After the thread has ended: photos that are not finished, and those that were when it was too late."""
        return [*self._finished_late, *(photo.as_left_over() for photo in self._photos.values())]

    def abort(self) -> None:
        """Have workers stop, wait a little for what they have in hand, and end. Does not wait; for any thread."""
        self.intake.abort()
        self._tell(self._abort)()

    def run(self) -> None:
        """Work until the source has ended and nothing is in flight, or until the run is aborted."""
        self._engine.on_message = self._on_message
        try:
            self._look()
            while not self._is_aborted and not (self._has_source_ended and not self._photos):
                self._take_events()
                self._act()
        except QueueAborted:
            pass
        except BaseException as error:  # noqa: BLE001 - a thread has no caller: whatever it is, it is reported
            self._on_crash(error)
        try:
            self._wind_up()
        finally:
            self._results.producer_done()

    def _take_events(self) -> None:
        """Wait until something happens, and take what else has happened since."""
        with suppress(Empty):
            self._events.get(timeout=LOOK_S if self._photos else None)()
            for _ in range(EVENTS_AT_ONCE):
                self._events.get_nowait()()

    def _act(self) -> None:
        if self._is_aborted:
            return
        if time.monotonic() - self._looked_s >= LOOK_S:
            self._look()
        self._admit_copies()
        self._fleet.give_out()
        self._stats.set_waiting(self._work.depths, len(self._work.reads) + len(self._work.deliveries))

    # what happens: each of these runs in the driver's thread

    def _tell(self, what: Callable[..., None]) -> Callable[..., None]:
        """A function for other threads, which has something called in the driver's."""
        return lambda *arguments: self._events.put(partial(what, *arguments))

    def _take(self, photo: InFlight) -> None:
        self._photos[photo.parcel.sequence] = photo
        self._work.to_read.append(photo)

    def _source_ended(self) -> None:
        self._has_source_ended = True

    def _abort(self) -> None:
        self._is_aborted = True

    def _on_message(self, message: tuple[Any, ...]) -> None:
        """Pass on, in the engine's thread, a pause that a gallery has asked one worker for."""
        run, kind, *what = message
        if run == self._run.name and kind == "pause":
            self._engine.everywhere(pause_uploads, self._run.message(tuple(what)))

    def _read(self, task: SubmittedTask, result: Any) -> None:
        if task.is_given_up:
            return
        self._work.reads.remove(task)
        report: ReadReport | None = _report_of(result)
        if report is None:
            self._read_again(task.give_up(cancel=False), has_died=True)
            return
        self._work.read_size.add(len(report.photos), self._stats.count_read(task.photos, report))
        if report.error is not None:
            raise report.error
        read = []
        for photo, one in zip(task.photos, report.photos, strict=True):
            if one.source_sha256 is None:
                self._emit(photo, self._recording.not_read(photo, one))
            else:
                photo.photo, photo.read_by = DownloadedPhoto(photo.found, one.source_sha256, one.head), task.address
                read.append(photo)
        self._admit(read)

    def _delivered(self, task: SubmittedTask, result: Any) -> None:
        if not task.is_given_up:
            self._work.deliveries.remove(task)
        report: DeliveryReport | None = _report_of(result)
        if report is not None:
            self._record(task, report)
        elif not task.is_given_up:
            self._lose(task.give_up(cancel=False), has_died=True)

    def _record(self, task: SubmittedTask, report: DeliveryReport) -> None:
        reported = [*report.photos, *(Delivered() for _ in task.photos[len(report.photos) :])]
        ended = [
            Ended(photo, task.plans[number], reported[number], is_outdated=not task.is_newest(number))
            for number, photo in enumerate(task.photos)
        ]
        self._recording.delivered(ended)
        if task.is_given_up:
            return
        self._work.delivery_size.add(len(report.photos), self._stats.count_delivered(task.photos, report))
        for gallery_id, error in report.gallery_errors:
            self._recording.give_up(gallery_id, error)
        if report.error is not None:
            raise report.error
        for one in ended:
            if not one.is_outdated:
                self._go_on(one.photo, one.report)

    def _go_on(self, photo: InFlight, end: Delivered) -> None:
        """What becomes of a photo after a worker had it."""
        if end.error is not None:
            self._emit(photo, self._recording.failed(photo, "resize", end.error))
        elif photo.photo is not None and photo.photo.plan:
            self._deliver_again(photo)
        else:
            self._emit(photo, self._recording.finished(photo))

    # what becomes of photos

    def _admit(self, photos: Iterable[InFlight]) -> None:
        """Ask the journal what is undone of photos that were read; of several copies of one, one goes first."""
        claimed = [photo for photo in photos if self._claims(photo)]
        if not claimed:
            return
        for photo, parcel in zip(claimed, self._recording.admit(claimed), strict=True):
            if parcel is None:
                self._work.deliver(photo)
            else:
                self._emit(photo, parcel)

    def _claims(self, photo: InFlight) -> bool:
        """Claim a photo's content; False if a copy of it is in flight, behind which this one waits."""
        if photo.content in self._content:
            self._content[photo.content].append(photo)
            return False
        self._content[photo.content] = []
        return True

    def _admit_copies(self) -> None:
        """Admit copies of photos that have ended; most of them turn out to be done."""
        while self._copies:
            copies, self._copies = self._copies, deque()
            self._admit(copies)

    def _deliver_again(self, photo: InFlight) -> None:
        """Have what is still planned of a photo delivered: nothing is known of it, or its lease was over too soon."""
        if photo.photo is not None and not photo.photo.plan:
            self._emit(photo, self._recording.finished(photo))
        elif photo.losses > MOST_LOSSES:
            self._emit(photo, self._recording.failed(photo, "resize", ResizeError(_deadly(photo))))
        elif photo.attempt < MOST_ATTEMPTS:
            self._work.deliver(photo)
        else:
            error = GalleryFailed(f"could not be sent in the time of {MOST_ATTEMPTS} leases. Run again.")
            self._emit(photo, self._recording.failed(photo, "upload", error))

    def _lose(self, photos: Sequence[InFlight], *, has_died: bool) -> None:
        """Keep photos back whose worker may have sent them."""
        for photo in photos:
            photo.losses += has_died
            photo.lost_s = time.monotonic()
            self._in_doubt.append(photo)

    def _read_again(self, photos: Sequence[InFlight], *, has_died: bool) -> None:
        """Have photos read that were given to a worker which is gone or silent; one that takes workers down fails."""
        for photo in photos:
            photo.losses += has_died
            if photo.losses <= MOST_LOSSES:
                self._work.to_read.append(photo)
                continue
            self._emit(photo, self._recording.failed(photo, "download", DownloadError(_deadly(photo))))

    def _emit(self, photo: InFlight, parcel: Parcel) -> None:
        """Let a photo leave the cluster."""
        del self._photos[photo.parcel.sequence]
        if photo.photo is not None:
            self._copies.extend(self._content.pop(photo.content, ()))
        self.intake.finished(photo)
        try:
            self._results.put(parcel)
        except QueueAborted:
            self._finished_late.append(parcel)
            self._is_aborted = True

    # the workers

    def _look(self) -> None:
        """See which workers there are, and take over what those have that are gone or silent."""
        self._looked_s = time.monotonic()
        self._fleet.look()
        self._stats.know(self._fleet.workers)
        self.intake.set_limits(self._fleet.threads * 4 * self._work.delivery_size.photos, self._fleet.threads)
        for task in self._fleet.lost_tasks():
            is_gone = task.address not in self._fleet.workers
            after = self._lose if task.leases else self._read_again
            after(task.give_up(cancel=is_gone), has_died=is_gone)
        self._take_over()

    def _take_over(self) -> None:
        """Have those photos delivered by another worker that the first one cannot be sending any more.

        The gallery may be: what has reached it is there a little later, and only then is asking of use.
        """
        doubtful, self._in_doubt = self._in_doubt, []
        settled_s = time.monotonic() - self._run.settle_s
        for photo in doubtful:
            if photo.lease and photo.lost_s <= settled_s and may_be_taken_over(photo.lease, time.time()):
                self._deliver_again(photo)
            else:
                self._in_doubt.append(photo)

    # the end

    def _wind_up(self) -> None:
        """If anything is still in hand: have workers stop, and record for a short while what they have done."""
        if not self._work.deliveries:
            return
        self._engine.everywhere(stop_run, self._run.message(None))
        until_s = time.monotonic() + ABORT_S
        while self._work.deliveries and (left_s := until_s - time.monotonic()) > 0:
            # The first cause is known by now: what goes wrong after it changes nothing.
            with suppress(Exception):
                self._events.get(timeout=left_s)()
        for task in (*self._work.reads, *self._work.deliveries):
            task.give_up(cancel=True)


def _deadly(photo: InFlight) -> str:
    return (
        f"is given up: {photo.losses} workers have died with it, most likely for lack of memory. Give workers more of "
        "it, or set --max-pixels, and run again."
    )


def _report_of(result: Any) -> Any:
    """What a task has reported; None if it was lost.

    Raises:
        Exception: what the task has raised, which it does for a fault of ours alone.
    """
    if isinstance(result, TaskLost):
        return None
    if isinstance(result, BaseException):
        raise result
    return result
