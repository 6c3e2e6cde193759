"""What does not change during a run on a cluster."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from photopipe.cluster.protocol.messages import Message
from photopipe.cluster.worker.tasks import deliver_photos, read_photos

STAGES: Final = ("download", "resize", "upload")
"""What a photo has behind it that has been to a worker and back."""


@dataclass(frozen=True, slots=True)
class ClusterRun:
    """What does not change during a run.

    Attributes:
        name: as in `RunSpec`.
        spec: the pickled `RunSpec`.
        number: of the run in the journal.
        lease_s: how long a photo that was leased to a worker is not given to another one [seconds].
        transfers: the most uploads at the same time for each gallery.
        read: the task that reads photos.
        deliver: the task that delivers them.
        settle_s: how long a gallery may still be working on what a worker has sent before it died [seconds].
    """

    name: str
    spec: bytes
    number: int
    lease_s: float
    transfers: Mapping[str, int]
    read: Callable[..., Any] = read_photos
    deliver: Callable[..., Any] = deliver_photos
    settle_s: float = 0.0

    def message(self, body: object) -> Message:
        """A message about this run."""
        return Message(self.name, self.spec, body)

    @property
    def begin_s(self) -> float:
        """How long a worker may begin uploads; what it has begun by then has as long again to end [seconds]."""
        return self.lease_s / 2

    @property
    def quiet_s(self) -> float:
        """A worker that gives no sign of life for so long gets nothing to do [seconds]."""
        return min(30.0, self.lease_s)
