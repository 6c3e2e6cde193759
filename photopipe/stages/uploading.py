"""Send what is made of each photo to its galleries, side by side; each gallery goes at its own speed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from photopipe.errors import (
    GalleryDown,
    ItemError,
    JournalUnusable,
    LineError,
    NotInGallery,
    RunStopped,
    SourceLost,
    UsageError,
)
from photopipe.photo import (
    DeliveredPhoto,
    PlannedDelivery,
    RenderedPhoto,
    ResizedPhoto,
    UnsentRendition,
    UploadedPhoto,
)
from photopipe.pipeline import Branches, Stage, Work
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.failed_galleries import FailedGalleries
from photopipe.stages.sending import Destination, Sending
from photopipe.stages.spool import Spool
from photopipe.stop_token import StopToken

if TYPE_CHECKING:
    from photopipe.upload.client import UploadClient

Ended = tuple[UploadedPhoto | UnsentRendition, ...]
"""What became of a photo's renditions at one gallery."""
LEAD: Final = 1000
"""Photos that one gallery may be ahead of another; their renditions wait on the disk."""


def upload_stage(
    destinations: Sequence[Destination],
    delivery_log: DeliveryLog,
    failed_galleries: FailedGalleries,
    spool: Spool,
    *,
    only_ask: bool = False,
) -> Stage | Branches:
    """Send each photo to each gallery; it is done when each has answered.

    Args:
        destinations: the galleries, at least one.
        delivery_log: what all workers share.
        failed_galleries: those the run goes on without.
        spool: where renditions wait if there are several galleries.
        only_ask: whether nothing is sent, and the galleries only say which photos they have.
    """

    def stage_of(name: str, destination: Destination) -> Stage:
        return _stage(name, destination, partial(_Recorded, destination, delivery_log, failed_galleries, only_ask))

    def join(photo: RenderedPhoto, ended: tuple[Ended | None, ...]) -> DeliveredPhoto:
        if None not in ended:
            spool.remove(photo)
            delivery_log.claims.release(photo.source.source_sha256)
        return DeliveredPhoto(photo.source, tuple(one for gallery in ended for one in gallery or ()))

    if len(destinations) > 1:
        stages = (stage_of(f"upload to {one.gallery_id}", one) for one in destinations)
        return Branches(tuple(replace(stage, maxsize=LEAD) for stage in stages), join)
    only = stage_of("upload", destinations[0])

    @contextmanager
    def make_work() -> Iterator[Work]:
        with only.make_work() as send_all:
            yield lambda photo, stop: join(photo, (send_all(photo, stop),))

    return replace(only, make_work=make_work)


def _stage(name: str, destination: Destination, make_sending: "Callable[[UploadClient], _Recorded]") -> Stage:
    @contextmanager
    def make_work() -> Iterator[Work]:
        with destination.session.uploader().open_client() as client:
            yield make_sending(client).send_all

    workers = destination.settings.workers
    return Stage(name, make_work, workers, 2 * workers)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """One worker's sending to one gallery, and what the journal is told of it."""

    destination: Destination
    delivery_log: DeliveryLog
    failed_galleries: FailedGalleries
    only_ask: bool
    client: "UploadClient"

    def send_all(self, photo: RenderedPhoto, stop: StopToken) -> Ended:
        """Send what is planned; one rendition's failure does not keep the others from being sent."""
        planned = {
            delivery.target.recipe_id: delivery
            for delivery in photo.source.plan
            if delivery.target.gallery_id == self.destination.gallery_id
        }
        renditions = [one for one in photo.renditions if one.rendition.recipe_id in planned]
        return tuple(self._send_and_record(one, planned[one.rendition.recipe_id], stop) for one in renditions)

    def _send_and_record(
        self, photo: ResizedPhoto, delivery: PlannedDelivery, stop: StopToken
    ) -> UploadedPhoto | UnsentRendition:
        source_sha256, target = photo.source.source_sha256, delivery.target
        try:
            with self.delivery_log.lost_source.noticed(photo.source.found):
                uploaded = self._send_once(photo, delivery, stop)
        except ItemError as error:
            if not isinstance(error, GalleryDown | NotInGallery | SourceLost):
                self.delivery_log.journal.failed(source_sha256, [target], "upload", error)
            return UnsentRendition(photo.source, photo.rendition, error.with_traceback(None), target.gallery_id)
        self.delivery_log.journal.uploaded(source_sha256, target, uploaded.receipt)
        return replace(uploaded, gallery=target.gallery_id)

    def _send_once(self, photo: ResizedPhoto, delivery: PlannedDelivery, stop: StopToken) -> UploadedPhoto:
        if self.failed_galleries.why(self.destination.gallery_id) is not None:
            raise GalleryDown("was not sent: this gallery was given up for this run. Run again later.")
        sending = Sending(self.destination, self.delivery_log.recipes, self.client, self.only_ask)
        with self._giving_up():
            return sending.send(photo, delivery, stop, self._record_sending)

    def _record_sending(self, photo: ResizedPhoto) -> None:
        target = self.destination.target(photo)
        self.delivery_log.journal.sending(photo.source.source_sha256, target, photo.rendition)

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """With other galleries left, what would end the line ends only this gallery."""
        try:
            yield
        except (RunStopped, JournalUnusable):
            raise
        except (LineError, UsageError) as error:
            self.failed_galleries.give_up(self.destination.gallery_id, error)
            raise GalleryDown(f"was not sent: {error}") from error
