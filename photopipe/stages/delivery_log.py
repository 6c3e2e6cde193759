"""What all workers of a run share to keep each photo exactly once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from photopipe.errors import ItemError
from photopipe.files.kinds import require_photo
from photopipe.journal import Claims, Journal, Target
from photopipe.photo import DownloadedPhoto, Rendition, SkippedPhotos
from photopipe.pipeline import Settled
from photopipe.settings import ResizeSettings
from photopipe.upload.galleries.identity import idempotency_key


@dataclass(frozen=True, slots=True)
class DeliveryLog:
    """What all workers of a run share to keep each photo exactly once.

    Attributes:
        journal: what is recorded.
        renditions: what is made of each photo, by recipe id: its name and settings.
        claims: content on the line right now.
    """

    journal: Journal
    renditions: dict[str, tuple[str, ResizeSettings]]
    claims: Claims = field(default_factory=Claims)

    def key(self, photo: DownloadedPhoto, target: Target) -> str:
        """The idempotency key under which a rendition is sent, in this run and every later one."""
        return idempotency_key(photo.source_sha256, target.recipe_id, target.gallery_id)

    def recipe_id(self, rendition: Rendition) -> str:
        """The recipe of a rendition that was made in this run."""
        return next(recipe_id for recipe_id, (name, _) in self.renditions.items() if name == rendition.name)

    @contextmanager
    def recording_failure(self, stage: str, photo: DownloadedPhoto) -> Iterator[None]:
        """Record an `ItemError` for all that is undone and let go of the photo's content, then pass it on."""
        try:
            yield
        except ItemError as error:
            for target in self.journal.undone(photo.source_sha256):
                self.journal.failed(photo.source_sha256, target, stage, error)
            self.claims.release(photo.source_sha256)
            raise

    def admit(self, photo: DownloadedPhoto) -> DownloadedPhoto | Settled:
        """Record a photo whose content is claimed; settled if every gallery has that content."""
        admission = self.journal.admit(photo)
        if admission.undone:
            with self.recording_failure("download", photo):
                require_photo(photo.head)
            return photo
        self.claims.release(photo.source_sha256)
        reason = "duplicate" if admission.same_as else "unchanged"
        return Settled(SkippedPhotos((photo.found,), reason, admission.same_as))
