"""What all workers of a run share to deliver each photo exactly once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from photopipe.download.settling import Settling
from photopipe.errors import ItemError, PhotoChanged, SourceLost
from photopipe.files.kinds import require_photo
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, SetAsidePhoto, SkippedPhotos
from photopipe.pipeline import Finished
from photopipe.settings import ResizeSettings
from photopipe.stages.claims import Claims
from photopipe.stages.lost_source import LostSource


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """What all workers of a run share to deliver each photo exactly once.

    Attributes:
        journal: what is recorded.
        recipes: by recipe id, name and settings of each rendition.
        claims: content that is on the line now.
        settling: where photos wait that changed while they were read.
        lost_source: whether a source went away.
    """

    journal: Journal
    recipes: dict[str, tuple[str, ResizeSettings]]
    claims: Claims = field(default_factory=Claims)
    settling: Settling = field(default_factory=Settling)
    lost_source: LostSource = field(default_factory=LostSource)

    def admit(self, photo: DownloadedPhoto) -> DownloadedPhoto | Finished:
        """Record a photo whose content is claimed, and give it its plan; finished if every gallery has that content."""
        admission = self.journal.admit(photo)
        if not admission.plan:
            self.claims.release(photo.source_sha256)
            reason = "duplicate" if admission.same_as else "unchanged"
            return Finished(SkippedPhotos((photo.found,), reason, admission.same_as, photo))
        planned = replace(photo, plan=admission.plan)
        with self.recording_failure("download", planned):
            require_photo(photo.head)
        return planned

    @contextmanager
    def recording_failure(self, stage: str, photo: DownloadedPhoto) -> Iterator[None]:
        """If there is an `ItemError`, record it for all that is planned, release the content and raise it again."""
        try:
            yield
        except ItemError as error:
            if not isinstance(error, SourceLost):
                targets = [delivery.target for delivery in photo.plan]
                self.journal.failed(photo.source_sha256, targets, stage, error)
            self.claims.release(photo.source_sha256)
            raise

    def put_back(self, photo: FoundPhoto, error: PhotoChanged) -> Finished:
        """Let a photo that changed while it was read come again when it has settled.

        Raises:
            PhotoChanged: it was read too often; this is `error`.
        """
        if not self.settling.put_back(photo):
            raise error
        return Finished(SetAsidePhoto(photo))
