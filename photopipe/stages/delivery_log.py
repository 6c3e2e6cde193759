"""What all workers of a run share to deliver each photo exactly once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from photopipe.errors import ItemError
from photopipe.files.kinds import require_photo
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, SkippedPhotos
from photopipe.pipeline import Settled
from photopipe.settings import ResizeSettings
from photopipe.stages.claims import Claims


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """What all workers of a run share to deliver each photo exactly once.

    Attributes:
        journal: what is recorded.
        recipes: by recipe id, name and settings of each rendition.
        claims: content that is on the line now.
    """

    journal: Journal
    recipes: dict[str, tuple[str, ResizeSettings]]
    claims: Claims = field(default_factory=Claims)

    def admit(self, photo: DownloadedPhoto) -> DownloadedPhoto | Settled:
        """Record a photo whose content is claimed, and give it its plan; settled if every gallery has that content."""
        admission = self.journal.admit(photo)
        if not admission.plan:
            self.claims.release(photo.source_sha256)
            reason = "duplicate" if admission.same_as else "unchanged"
            return Settled(SkippedPhotos((photo.found,), reason, admission.same_as))
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
            targets = [delivery.target for delivery in photo.plan]
            self.journal.failed(photo.source_sha256, targets, stage, error)
            self.claims.release(photo.source_sha256)
            raise
