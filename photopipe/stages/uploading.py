"""Send what is made of each photo to one gallery; what may have arrived in an earlier run is asked for first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from photopipe.errors import (
    GalleryDown,
    ItemError,
    JournalUnusable,
    LineError,
    RunStopped,
    TooLargeForGallery,
    UsageError,
)
from photopipe.journal import Delivery, Target
from photopipe.photo import PhotoOnItsWay, Rendition, ResizedPhoto, UnsentRendition, UploadedPhoto
from photopipe.pipeline import Stage, Work
from photopipe.settings import UploadSettings
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.failed_galleries import FailedGalleries
from photopipe.stages.gallery_session import GallerySession
from photopipe.stages.smaller_rendition import smaller
from photopipe.stop_token import StopToken

if TYPE_CHECKING:
    from photopipe.upload.client import UploadClient

Ended = UploadedPhoto | UnsentRendition


@dataclass(frozen=True, slots=True)
class Destination:
    """One gallery of this run.

    Attributes:
        gallery_id: its name in the journal.
        settings: where it is, and how patient we are.
        door: opens it.
        is_last: whether photos that have passed it are at the end of the line.
    """

    gallery_id: str
    settings: UploadSettings
    gallery_session: GallerySession
    is_last: bool


def upload_stage(destination: Destination, delivery_log: DeliveryLog, failed_galleries: FailedGalleries) -> Stage:
    """Send the renditions of each photo to one gallery."""
    settings = destination.settings

    @contextmanager
    def make_work() -> Iterator[Work]:
        with destination.gallery_session.uploader().open_client() as client:
            sending = _Sending(destination, delivery_log, failed_galleries, client)

            def work(photo: PhotoOnItsWay, stop: StopToken) -> PhotoOnItsWay | tuple[Ended, ...]:
                ended = photo.ended + tuple(sending.send_all(photo.resized, stop))
                if not destination.is_last:
                    return replace(photo, ended=ended)
                delivery_log.claims.release(photo.resized[0].source.source_sha256)
                return ended

            yield work

    name = "upload" if destination.is_last else f"upload to {destination.gallery_id}"
    return Stage(name, make_work, settings.workers, 2 * settings.workers, on_abort=destination.gallery_session.abort)


@dataclass(frozen=True, slots=True)
class _Sending:
    """One worker's sending to one gallery."""

    destination: Destination
    delivery_log: DeliveryLog
    failed_galleries: FailedGalleries
    client: "UploadClient"

    def send_all(self, photos: tuple[ResizedPhoto, ...], stop: StopToken) -> Iterator[Ended]:
        """Send what is undone; one rendition's failure does not keep the others from being sent."""
        for photo in photos:
            target = Target(self.delivery_log.recipe_id(photo.rendition), self.destination.gallery_id)
            delivery = self.delivery_log.journal.delivery(photo.source.source_sha256, target)
            if delivery is None or delivery.state != "uploaded":
                yield self._send_and_record(photo, target, delivery, stop)

    def _send_and_record(
        self, photo: ResizedPhoto, target: Target, delivery: Delivery | None, stop: StopToken
    ) -> Ended:
        source_sha256 = photo.source.source_sha256
        try:
            uploaded = self._send_once(photo, target, delivery, stop)
        except ItemError as error:
            if not isinstance(error, GalleryDown):
                self.delivery_log.journal.failed(source_sha256, target, "upload", error)
            return UnsentRendition(photo.source, photo.rendition, error.with_traceback(None), target.gallery_id)
        self.delivery_log.journal.uploaded(source_sha256, target, uploaded.receipt)
        return replace(uploaded, gallery=target.gallery_id)

    def _send_once(
        self, photo: ResizedPhoto, target: Target, delivery: Delivery | None, stop: StopToken
    ) -> UploadedPhoto:
        if self.failed_galleries.why(target.gallery_id) is not None:
            raise GalleryDown("was not sent: this gallery was given up for this run. Run again later.")
        key, album = self.delivery_log.key(photo.source, target), self.destination.gallery_session.album(photo)
        is_in_doubt = delivery is not None and delivery.state == "sending"
        earlier = _as_sent(photo.rendition, delivery) if delivery is not None and is_in_doubt else None
        sending = partial(self.delivery_log.journal.sending, photo.source.source_sha256, target, photo.rendition)
        with self._giving_up(target):
            try:
                return self.client.upload(photo, key, stop, album=album, earlier=earlier, before_sending=sending)
            except TooLargeForGallery:
                if self.destination.settings.on_413 != "shrink":
                    raise
                return self._upload_smaller(photo, target, stop)

    def _upload_smaller(self, photo: ResizedPhoto, target: Target, stop: StopToken) -> UploadedPhoto:
        """Make the photo smaller until the gallery takes it."""
        name, settings = self.delivery_log.renditions[target.recipe_id]
        key, album = self.delivery_log.key(photo.source, target), self.destination.gallery_session.album(photo)
        while True:
            photo = smaller(photo, name, settings)
            self.delivery_log.journal.sending(photo.source.source_sha256, target, photo.rendition)
            try:
                return self.client.upload(photo, key, stop, album=album)
            except TooLargeForGallery:
                continue

    @contextmanager
    def _giving_up(self, target: Target) -> Iterator[None]:
        """With other galleries left, what would end the line ends only this gallery."""
        try:
            yield
        except (RunStopped, JournalUnusable):
            raise
        except (LineError, UsageError) as error:
            self.failed_galleries.give_up(target.gallery_id, error)
            raise GalleryDown(f"was not sent: {error}") from error


def _as_sent(rendition: Rendition, delivery: Delivery) -> Rendition:
    """What an earlier run was sending, which may be other bytes than are sent now."""
    if delivery.sha256 is None or delivery.sha1 is None or delivery.md5 is None or delivery.size_bytes is None:
        return rendition
    return replace(
        rendition,
        sha256=delivery.sha256,
        sha1=delivery.sha1,
        md5=delivery.md5,
        size_bytes=delivery.size_bytes,
    )
