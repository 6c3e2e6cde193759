"""The workers of a run: who is there, and what they are given to do."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.driver.recording import Recording
from photopipe.cluster.driver.submitted_task import SubmittedTask
from photopipe.cluster.driver.work_queue import WorkQueue
from photopipe.cluster.protocol.engine import Engine, Task, WorkerState
from photopipe.cluster.protocol.messages import Delivery, Leased
from photopipe.errors import GalleryUnreachable
from photopipe.journal import Lease

NO_WORKER_S: Final = 60.0
"""How long a run waits when all workers are gone."""
Reported = Callable[[SubmittedTask, Any], None]
"""Called, in a thread of the engine, when a task has reported or is lost."""


class Fleet:
    """The workers of a run; used by the driver's thread alone.

    Args:
        engine: moves tasks to them.
        run: what does not change.
        recording: told of each lease before its task is sent.
        work: what is to be done.
        on_read: called when a task that reads has ended.
        on_delivered: called when a task that delivers has.
        on_nothing_left: called with a photo of which an outdated report has told that all is there.

    Attributes:
        workers: those there are, by their addresses, as they were at the last look.
    """

    def __init__(
        self,
        engine: Engine,
        run: ClusterRun,
        recording: Recording,
        work: WorkQueue,
        *,
        on_read: Reported,
        on_delivered: Reported,
        on_nothing_left: Callable[[InFlight], None],
    ) -> None:
        self.workers: Mapping[str, WorkerState] = {}
        self._engine = engine
        self._run = run
        self._recording = recording
        self._work = work
        self._on_read = on_read
        self._on_delivered = on_delivered
        self._on_nothing_left = on_nothing_left
        self._seen_s = time.monotonic()

    @property
    def threads(self) -> int:
        """How many tasks can run at the same time."""
        return sum(state.threads for state in self.workers.values())

    def look(self) -> None:
        """See which workers there are.

        Raises:
            GalleryUnreachable: there was none for a while.
        """
        self.workers = self._engine.workers()
        if self.workers:
            self._seen_s = time.monotonic()
        elif time.monotonic() - self._seen_s > NO_WORKER_S:
            raise GalleryUnreachable("The cluster has had no worker for a minute. Start some, and run again.")
        for size in (self._work.read_size, self._work.delivery_size):
            size.set_threads(self.threads)

    def lost_tasks(self) -> list[SubmittedTask]:
        """Take out the tasks of workers that are gone, and of those that were silent for longer than their leases."""
        lost = []
        for tasks in (self._work.reads, self._work.deliveries):
            for task in [one for one in tasks if one.is_lost(self.workers, self._run.quiet_s)]:
                tasks.remove(task)
                lost.append(task)
        return lost

    def give_out(self) -> None:
        """Give workers what they have room for."""
        able = {address: one for address, one in self.workers.items() if one.unseen_s < self._run.quiet_s}
        self._work.release_from(able)
        deliveries = [(address, self._with_a_plan(photos)) for address, photos in self._work.next_deliveries(able)]
        if wanted := [(address, photos) for address, photos in deliveries if photos]:
            self._send(wanted)
        for address, photos in self._work.next_reads(able):
            self._send_to_read(address, photos)

    def _with_a_plan(self, photos: list[InFlight]) -> list[InFlight]:
        for photo in photos:
            if not photo.read.plan:
                self._on_nothing_left(photo)
        return [photo for photo in photos if photo.read.plan]

    def _send(self, deliveries: Sequence[tuple[str, list[InFlight]]]) -> None:
        """Lease photos to workers, and then have them deliver these; one sync of the disk for all."""
        expires_at_s = time.time() + self._run.lease_s
        tasks = [
            SubmittedTask(
                *(address, photos),
                leases=[
                    Lease(self._run.number, one.attempt + 1, self.workers[address].process, expires_at_s)
                    for one in photos
                ],
                plans=[one.read.plan for one in photos],
            )
            for address, photos in deliveries
        ]
        self._recording.lease(
            [photo for task in tasks for photo in task.photos], [lease for task in tasks for lease in task.leases]
        )
        for task in tasks:
            for photo, lease in zip(task.photos, task.leases, strict=True):
                photo.lease = lease
        for task in tasks:
            self._work.deliveries.append(task)
            self._submit(self._run.deliver, self._delivery(task), task, self._on_delivered)

    def _delivery(self, task: SubmittedTask) -> Delivery:
        state = self.workers[task.address]
        begin_until_s = task.leases[0].expires_at_s - self._run.lease_s + self._run.begin_s + state.clock_ahead_s
        leased = tuple(
            Leased(photo.read, lease.attempt, begin_until_s)
            for photo, lease in zip(task.photos, task.leases, strict=True)
        )
        share = 1 / len(self.workers)
        return Delivery(leased, state.process, self._recording.given_up(), self._slots(), share)

    def _send_to_read(self, address: str, photos: list[InFlight]) -> None:
        task = SubmittedTask(address, photos)
        self._work.reads.append(task)
        self._submit(self._run.read, [photo.found for photo in photos], task, self._on_read)

    def _submit(self, function: Task, body: object, task: SubmittedTask, on_end: Reported) -> None:
        task.submitted = self._engine.submit(
            *(function, self._run.message(body), partial(on_end, task)),
            worker=task.address,
            urgent=bool(task.leases),  # what was leased goes before what is to be read
        )

    def _slots(self) -> dict[str, int]:
        """The galleries that take fewer uploads at the same time than the cluster has threads."""
        return {gallery_id: most for gallery_id, most in self._run.transfers.items() if most < self.threads}
