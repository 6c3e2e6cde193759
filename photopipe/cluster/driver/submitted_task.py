"""A task that was given to a worker and has not reported yet."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.protocol.engine import Submitted, WorkerState
from photopipe.journal import Lease
from photopipe.photo import PlannedDelivery


@dataclass(slots=True, eq=False)
class SubmittedTask:
    """A task that has not reported yet.

    Attributes:
        address: the worker it is for.
        photos: what it is about.
        leases: one for each photo, or none if they are only to be read.
        plans: what was planned of each when it was leased.
        submitted: at the engine.
        is_given_up: whether its photos were given to somebody else meanwhile.
    """

    address: str
    photos: list[InFlight]
    leases: list[Lease] = field(default_factory=list)
    plans: list[tuple[PlannedDelivery, ...]] = field(default_factory=list)
    submitted: Submitted | None = None
    is_given_up: bool = False

    def give_up(self, *, cancel: bool) -> list[InFlight]:
        """The photos that wait for this task; from now on they do not.

        Args:
            cancel: whether the engine is told; not if the worker may still report what it has sent.
        """
        newest = [photo for number, photo in enumerate(self.photos) if self.is_newest(number)]
        self.is_given_up = True
        if cancel and self.submitted is not None:
            self.submitted.cancel()
        return newest

    def is_newest(self, number: int) -> bool:
        """Whether this task has the newest lease of a photo."""
        return not self.is_given_up and (not self.leases or self.photos[number].lease == self.leases[number])

    def is_lost(self, workers: Mapping[str, WorkerState], quiet_s: float) -> bool:
        """Whether its worker is gone, or was silent for longer than its leases hold."""
        state = workers.get(self.address)
        if state is None:
            return True
        return state.unseen_s >= quiet_s and all(lease.expires_at_s <= time.time() for lease in self.leases)
