"""The photos that wait for a worker, and which worker gets which."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from photopipe.cluster.driver.batches import BatchSize
from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.driver.submitted_task import SubmittedTask
from photopipe.cluster.protocol.engine import WorkerState
from photopipe.download.fetching.fetched_files import FetchedFiles


@dataclass(slots=True)
class WorkQueue:
    """What is to be done, and what workers have in hand.

    Attributes:
        to_read: photos that nobody has read yet.
        reads: tasks that read.
        deliveries: tasks that deliver.
        read_size: how many photos a task reads.
        delivery_size: how many it delivers.
    """

    to_read: deque[InFlight] = field(default_factory=deque)
    reads: list[SubmittedTask] = field(default_factory=list)
    deliveries: list[SubmittedTask] = field(default_factory=list)
    read_size: BatchSize = field(default_factory=BatchSize)
    delivery_size: BatchSize = field(default_factory=BatchSize)
    _to_deliver: defaultdict[str | None, deque[InFlight]] = field(default_factory=lambda: defaultdict(deque))

    @property
    def depths(self) -> tuple[int, int]:
        """Photos that wait to be read, and to be delivered."""
        return len(self.to_read), sum(map(len, self._to_deliver.values()))

    def deliver(self, photo: InFlight) -> None:
        """Put a photo where the worker that has its bytes takes it; what lies on a disk all see, any worker takes."""
        is_fetched = isinstance(photo.found.storage, FetchedFiles)
        self._to_deliver[photo.read_by if is_fetched and not photo.losses else None].append(photo)

    def release_from(self, able: Mapping[str, WorkerState]) -> None:
        """Let any worker take what waits for one that can do nothing now."""
        for address in [one for one in self._to_deliver if one is not None and one not in able]:
            self._to_deliver[None].extend(self._to_deliver.pop(address))

    def next_reads(self, able: Mapping[str, WorkerState]) -> list[tuple[str, list[InFlight]]]:
        """Photos for each worker that has room, first for the one that has the least to read for each thread."""
        given, reads = _counted(self.reads), []
        while self.to_read and able:
            address = min(able, key=lambda one: (given[one] + 1) / able[one].threads)
            if given[address] >= able[address].threads:
                break
            size = self.read_size.photos
            if given[address] and len(self.to_read) < size:
                break  # all have something to read: when they come to more, there may be enough for a full batch
            reads.append((address, [self.to_read.popleft() for _ in range(min(size, len(self.to_read)))]))
            given[address] += 1
        return reads

    def next_deliveries(self, able: Mapping[str, WorkerState]) -> list[tuple[str, list[InFlight]]]:
        """Photos for each worker that has room for them; one task more than it has threads waits at each."""
        given, deliveries = _counted(self.deliveries), []
        while (delivery := self._next_delivery(able, given)) is not None:
            given[delivery[0]] += 1
            deliveries.append(delivery)
        return deliveries

    def _next_delivery(
        self, able: Mapping[str, WorkerState], given: Mapping[str, int]
    ) -> tuple[str, list[InFlight]] | None:
        for address in sorted(able, key=lambda one: given[one] / able[one].threads):
            if given[address] > able[address].threads:
                continue
            if batch := self._batch(address, is_idle=not given[address]):
                return address, batch
        return None

    def _batch(self, address: str, *, is_idle: bool) -> list[InFlight]:
        """Photos whose bytes the worker has, then any; if it has nothing to do, those of another one, too."""
        queues = [self._to_deliver[address], self._to_deliver[None]]
        if is_idle:
            queues.append(max(self._to_deliver.values(), key=len))
        batch: list[InFlight] = []
        for queue in queues:
            while queue and len(batch) < self.delivery_size.photos:
                if queue[0].losses:  # it may take its worker down, so it travels alone
                    return batch or [queue.popleft()]
                batch.append(queue.popleft())
        return batch


def _counted(tasks: Iterable[SubmittedTask]) -> Counter[str]:
    return Counter(task.address for task in tasks)
