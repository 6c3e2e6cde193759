"""What the driver writes into the journal: it alone writes there, a report at a time, in one transaction each."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from photopipe.cluster.driver.cluster_run import STAGES
from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.protocol.messages import Delivered, Read, Sent
from photopipe.errors import (
    DownloadError,
    GalleryDown,
    ItemError,
    LineError,
    NotInGallery,
    PhotoChanged,
    SourceLost,
    UploadError,
)
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Lease
from photopipe.photo import (
    DeliveredPhoto,
    PlannedDelivery,
    SkippedPhotos,
    Target,
    UnsentRendition,
    UploadedPhoto,
)
from photopipe.pipeline import Finished, Parcel
from photopipe.settings import UploadSettings
from photopipe.stages import DeliveryLog, FailedGalleries
from photopipe.upload.flow.circuit_breaker import CircuitBreaker
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import UploadErrors
from photopipe.upload.uploader import secrets_of


class Ended(NamedTuple):
    """What a worker reports of a photo that was leased to it.

    Attributes:
        photo: which photo.
        plan: what was planned of it then.
        report: what became of it.
        is_outdated: whether the photo was given to somebody else meanwhile; then only what was sent counts.
    """

    photo: InFlight
    plan: tuple[PlannedDelivery, ...]
    report: Delivered
    is_outdated: bool

    def open_targets(self) -> Iterator[Target]:
        """What was planned and is not known yet from another report."""
        return (one.target for one in self.plan if one.target not in self.photo.sent)

    def answers(self) -> Iterator[tuple[Target, Sent]]:
        """What this report says of that."""
        for delivery, sent in zip(self.plan, self.report.sent, strict=False):
            if delivery.target not in self.photo.sent and (sent.receipt is not None or sent.error is not None):
                yield delivery.target, sent


class Recording:
    """Records what workers report, and finds out what it means for a photo.

    Args:
        delivery_log: journal, settling and lost source of the run.
        failed_galleries: those the run goes on without.
        galleries: name in the journal and settings of each gallery.
    """

    def __init__(
        self,
        delivery_log: DeliveryLog,
        failed_galleries: FailedGalleries,
        galleries: Sequence[tuple[str, UploadSettings]],
    ) -> None:
        self._log = delivery_log
        self._journal = delivery_log.journal
        self._failed_galleries = failed_galleries
        self._statuses = {gallery_id: EndpointStatus(time.monotonic) for gallery_id, _ in galleries}
        self._breakers = {
            gallery_id: CircuitBreaker(
                self._statuses[gallery_id], UploadErrors(upload.endpoint_url or "", secrets_of(upload))
            )
            for gallery_id, upload in galleries
        }

    def not_read(self, photo: InFlight, read: Read) -> Parcel:
        """What becomes of a photo that was not read, or not to its end."""
        found = photo.found
        if read.skipped:
            if read.skipped == "paired":
                self._journal.pairs.record(found)
            return photo.parcel.advanced("download", Finished(SkippedPhotos((found,), read.skipped)))
        return self.failed(photo, "download", read.error or DownloadError())

    def admit(self, photos: Sequence[InFlight]) -> list[Parcel | None]:
        """Record photos whose content is known, in one transaction; each gets its plan.

        Returns:
            For each photo None, or its parcel if there is nothing to deliver of it.
        """

        def work() -> list[Parcel | None]:
            return [self._admit(photo) for photo in photos]

        return self._journal.in_one_transaction(work)

    def lease(self, photos: Sequence[InFlight], leases: Sequence[Lease]) -> None:
        """Record, through to the disk, who is about to send which photos."""

        def work() -> None:
            for photo, lease in zip(photos, leases, strict=True):
                content = photo.read
                self._journal.lease(content.source_sha256, [one.target for one in content.plan], lease)

        self._journal.in_one_transaction(work, "FULL")

    def delivered(self, ended: Sequence[Ended]) -> None:
        """Record, in one transaction, what galleries have answered, and take it out of the photos' plans."""

        def work() -> None:
            for one in ended:
                self._record(one)

        self._journal.in_one_transaction(work)
        for one in ended:
            self._note(one)

    def failed(self, photo: InFlight, stage: str, error: ItemError) -> Parcel:
        """The parcel of a photo that failed before anything was sent; one that is being written comes again."""
        if isinstance(error, SourceLost):
            self._notice_lost_source(photo.found)
        parcel = photo.as_left_over()
        if isinstance(error, PhotoChanged):
            try:
                return parcel.advanced(stage, self._log.put_back(photo.found, error))
            except PhotoChanged:
                pass  # it came again too often, and fails
        return parcel.failed(stage, error)

    def finished(self, photo: InFlight) -> Parcel:
        """The parcel of a photo that every gallery has answered for."""
        content = photo.read
        payload = DeliveredPhoto(content, tuple(photo.sent.values()))
        if any(isinstance(one, UnsentRendition) and isinstance(one.error, SourceLost) for one in payload.deliveries):
            self._notice_lost_source(photo.found)
        return replace(photo.parcel, payload=payload, done=STAGES)

    def give_up(self, gallery_id: str, error: Exception) -> None:
        """Go on without a gallery.

        Raises:
            LineError: none is left.
        """
        self._failed_galleries.give_up(gallery_id, error)  # type: ignore[arg-type]

    def given_up(self) -> frozenset[str]:
        """The galleries that the run goes on without."""
        return frozenset(one for one in self._statuses if self._failed_galleries.why(one) is not None)

    def _admit(self, photo: InFlight) -> Parcel | None:
        try:
            admitted = self._log.admit(photo.read)
        except ItemError as error:
            return photo.as_left_over().failed("download", error)
        if isinstance(admitted, Finished):
            return photo.parcel.advanced("download", admitted)
        photo.photo = admitted
        return None

    def _record(self, ended: Ended) -> None:
        photo, report = ended.photo, ended.report
        content = photo.content
        if report.error is not None:
            if not (ended.is_outdated or isinstance(report.error, SourceLost | PhotoChanged)):
                self._journal.failed(content, list(ended.open_targets()), "resize", report.error)
                self._journal.leases.end(content)
            return
        for target, sent in ended.answers():
            if sent.receipt is not None:
                self._journal.uploaded(content, target, sent.receipt, sent.rendition)
            elif not (ended.is_outdated or isinstance(sent.error, GalleryDown | NotInGallery | SourceLost)):
                self._journal.failed(content, [target], "upload", sent.error or UploadError())
        if not ended.is_outdated and len(list(ended.answers())) == len(list(ended.open_targets())):
            self._journal.leases.end(content)

    def _note(self, ended: Ended) -> None:
        """Move what is known from the plan to what was sent."""
        photo, content = ended.photo, ended.photo.read
        for target, sent in ended.answers():
            if sent.receipt is not None:
                self._statuses[target.gallery_id].succeeded()
                photo.sent[target] = UploadedPhoto(content, sent.rendition, sent.receipt, target.gallery_id)
            elif not ended.is_outdated and sent.error is not None:
                photo.sent[target] = UnsentRendition(content, sent.rendition, sent.error, target.gallery_id)
                self._count_failure(target.gallery_id, sent.error)
        left = (one._replace(is_ambiguous=True) for one in content.plan if one.target not in photo.sent)
        photo.photo = replace(content, plan=tuple(left))

    def _count_failure(self, gallery_id: str, error: ItemError) -> None:
        """End a gallery at which photo after photo fails, whichever workers sent them."""
        if isinstance(error, UploadError) and self._failed_galleries.why(gallery_id) is None:
            try:
                self._breakers[gallery_id].failed(error)
            except LineError as last:
                self.give_up(gallery_id, last)

    def _notice_lost_source(self, found: FoundPhoto) -> None:
        """Find out, here, whether a photo's source went away; then nothing more is taken from it."""
        try:
            with self._log.lost_source.noticed(found):
                raise DownloadError
        except ItemError:
            return
