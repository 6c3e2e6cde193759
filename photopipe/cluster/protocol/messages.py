"""What travels between the driver and the workers.

Only these values do: a photo's bytes go from its source to the worker, and from there to the gallery.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from photopipe.errors import ItemError, LineError, UsageError
from photopipe.photo import DownloadedPhoto, Receipt, Rendition
from photopipe.settings import ResizeSettings, UploadSettings

if TYPE_CHECKING:
    from photopipe.stages.choosing import Choosing


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What a worker needs to know of a run.

    Attributes:
        run: names the run; no two runs have the same.
        version: of photopipe and the decoders, as the driver has them.
        recipes: by recipe id, name and settings of each rendition.
        galleries: name in the journal and settings of each gallery.
        choosing: decides which photos are taken.
        max_file_bytes: as in `DownloadSettings`.
        thumbnail_side_px: as in `Settings`.
        spool_folder: where a worker keeps the photos it has fetched, in a folder of its own.
        most_pause_s: if a worker stands still for longer, in the middle of a request, it does not go on with that.
        is_local: whether all workers run on the driver's machine, so that they see the same device numbers.
    """

    run: str
    version: str
    recipes: Mapping[str, tuple[str, ResizeSettings]]
    galleries: tuple[tuple[str, UploadSettings], ...]
    choosing: "Choosing"
    max_file_bytes: int | None
    thumbnail_side_px: int
    spool_folder: str
    most_pause_s: float = 60.0
    is_local: bool = True


class Message(NamedTuple):
    """What a task is given.

    Attributes:
        run: as in `RunSpec`.
        spec: the pickled `RunSpec`, which a worker reads once.
        body: what the task is about.
    """

    run: str
    spec: bytes
    body: object

    def __repr__(self) -> str:
        """Without the spec, which has the galleries' tokens: engines write what a task was given into their logs."""
        return f"Message(run={self.run!r})"


class Span(NamedTuple):
    """When a worker was busy with a photo.

    Attributes:
        started_s: by its clock [seconds since 1970].
        seconds: how long.
    """

    started_s: float = 0.0
    seconds: float = 0.0


class Read(NamedTuple):
    """What became of a photo that was to be read: it was, or was not wanted, or failed.

    Attributes:
        source_sha256: hash of its content; None if it was not read to its end.
        head: its first bytes.
        skipped: why it is not taken, or None.
        error: why it could not be read, or None.
        span: when it was read.
    """

    source_sha256: str | None = None
    head: bytes = b""
    skipped: str | None = None
    error: ItemError | None = None
    span: Span = Span()


class ReadReport(NamedTuple):
    """What a worker has read.

    Attributes:
        process: the worker.
        thread: number of the thread that did it, from 0.
        photos: in the order they were given.
        error: why no photo can be read, or None; then `photos` has fewer.
    """

    process: str
    thread: int
    photos: list[Read]
    error: Exception | None = None


class Leased(NamedTuple):
    """A photo that a worker is to make renditions of and send, for as long as its lease holds.

    Attributes:
        photo: with its plan.
        attempt: as in `Lease`.
        begin_until_s: after that no upload of it is begun, by the worker's clock [seconds since 1970].
    """

    photo: DownloadedPhoto
    attempt: int
    begin_until_s: float


class Delivery(NamedTuple):
    """What one worker is to deliver.

    Attributes:
        photos: leased to it.
        process: the worker that the leases are for.
        given_up: galleries that nothing is sent to any more.
        slots: how many uploads at the same time the whole cluster may make, for those galleries where the number of
            workers does not see to that.
        bandwidth_share: the part of the run's bandwidth that is this worker's.
    """

    photos: tuple[Leased, ...]
    process: str
    given_up: frozenset[str]
    slots: Mapping[str, int]
    bandwidth_share: float = 1.0


class Sent(NamedTuple):
    """What became of a rendition at a gallery.

    Attributes:
        rendition: what was to be sent.
        receipt: the gallery's answer, or None.
        error: why it was not sent, or None; if both are None, nobody knows, and the photo is to be given to a worker
            again.
    """

    rendition: Rendition
    receipt: Receipt | None = None
    error: ItemError | None = None


class Delivered(NamedTuple):
    """What became of a photo.

    Attributes:
        sent: for each delivery of its plan, in that order; empty if nothing could be made of it or it was not begun.
        error: why nothing could be made of it, or None.
        resized: when it was resized.
        uploaded: when it was uploaded.
    """

    sent: tuple[Sent, ...] = ()
    error: ItemError | None = None
    resized: Span = Span()
    uploaded: Span = Span()


class DeliveryReport(NamedTuple):
    """What a worker has delivered.

    Attributes:
        process: the worker.
        thread: number of the thread that did it, from 0.
        photos: in the order they were given.
        gallery_errors: galleries that take nothing any more, and why.
        error: what else ends the run, or None; then `photos` has fewer.
    """

    process: str
    thread: int
    photos: list[Delivered]
    gallery_errors: list[tuple[str, LineError | UsageError]]
    error: Exception | None = None
