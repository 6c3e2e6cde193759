"""The photos that the driver has taken from the source and not finished: a bounded number of photos and bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Condition
from typing import Final

from photopipe.found_photo import FoundPhoto
from photopipe.journal import Lease
from photopipe.photo import DeliveredPhoto, DownloadedPhoto, Target, UnsentRendition, UploadedPhoto
from photopipe.pipeline import Parcel, QueueAborted
from photopipe.pipeline.workers import Outlet

LEAST_PHOTOS: Final = 64
BYTES_PER_THREAD: Final = 256_000_000
"""Originals in flight for each thread of the cluster, as large as the camera wrote them."""


@dataclass(slots=True, eq=False)
class InFlight:
    """One photo on its way through the cluster.

    Attributes:
        parcel: as the source gave it.
        photo: with its hash and what is still planned, once it was read.
        read_by: address of the worker that has read it.
        sent: what became of each rendition so far.
        lease: the newest, or None.
        losses: how often its task was lost.
        lost_s: when the last one was [monotonic seconds].
    """

    parcel: Parcel
    photo: DownloadedPhoto | None = None
    read_by: str | None = None
    sent: dict[Target, UploadedPhoto | UnsentRendition] = field(default_factory=dict)
    lease: Lease | None = None
    losses: int = 0
    lost_s: float = 0.0

    @property
    def found(self) -> FoundPhoto:
        """As it was found."""
        found: FoundPhoto = self.parcel.payload
        return found

    @property
    def read(self) -> DownloadedPhoto:
        """The photo that was read.

        Raises:
            ValueError: it was not yet.
        """
        if self.photo is None:
            raise ValueError(f"{self.found.path}: was not read yet")
        return self.photo

    @property
    def content(self) -> str:
        """Hash of its content; raises as `read`."""
        return self.read.source_sha256

    @property
    def attempt(self) -> int:
        """How often it was leased."""
        return self.lease.attempt if self.lease else 0

    def as_left_over(self) -> Parcel:
        """The parcel with what is known of the photo, if the run ends before it is finished."""
        if self.photo is None:
            return self.parcel
        payload = DeliveredPhoto(self.photo, tuple(self.sent.values())) if self.sent else self.photo
        return replace(self.parcel, payload=payload)


class Intake:
    """Where the source puts; waits while too much is in flight. What is finished goes past.

    Args:
        take: called with each photo that is let in, in the source's thread.
        past: where finished parcels go.
        on_done: called when the source has ended.
    """

    def __init__(self, take: Callable[[InFlight], None], past: Outlet, on_done: Callable[[], None]) -> None:
        self._take = take
        self._past = past
        self._on_done = on_done
        self._changed = Condition()
        self._photos = 0
        self._size_bytes = 0
        self._most_photos = LEAST_PHOTOS
        self._most_bytes = BYTES_PER_THREAD
        self._is_aborted = False
        self.high_water = 0

    def put(self, parcel: Parcel) -> None:
        """Let a photo in when there is room; a single one always is, however large."""
        if parcel.finished:
            self._past.put(parcel)
            return
        size_bytes = parcel.payload.size_bytes
        with self._changed:
            self._changed.wait_for(lambda: self._is_aborted or self._has_room(size_bytes))
            if self._is_aborted:
                raise QueueAborted
            self._photos += 1
            self._size_bytes += size_bytes
            self.high_water = max(self.high_water, self._photos)
        self._take(InFlight(parcel))

    def finished(self, photo: InFlight) -> None:
        """Make room: a photo has left the cluster."""
        with self._changed:
            self._photos -= 1
            self._size_bytes -= photo.found.size_bytes
            self._changed.notify_all()

    def set_limits(self, photos: int, threads: int) -> None:
        """Change how much may be in flight, as the cluster or the size of batches changes."""
        with self._changed:
            self._most_photos = max(LEAST_PHOTOS, photos)
            self._most_bytes = max(1, threads) * BYTES_PER_THREAD
            self._changed.notify_all()

    def producer_done(self) -> None:
        """Say that the source has ended."""
        self._on_done()
        self._past.producer_done()

    def abort(self) -> None:
        """Let nothing more in, and wake the source."""
        with self._changed:
            self._is_aborted = True
            self._changed.notify_all()

    def _has_room(self, size_bytes: int) -> bool:
        return self._photos == 0 or (
            self._photos < self._most_photos and self._size_bytes + size_bytes <= self._most_bytes
        )
