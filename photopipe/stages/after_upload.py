"""Deal with the files of each photo that is in every gallery, whichever run has uploaded it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from photopipe.download.after.after import after
from photopipe.download.after.checked_file import CheckedFile
from photopipe.errors import DownloadError
from photopipe.files.placing import holds, sweep
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import AfterOutcome, DeliveredPhoto, DownloadedPhoto, SkippedPhotos
from photopipe.pipeline import Stage
from photopipe.settings import DownloadSettings
from photopipe.stages.companions import companions_of
from photopipe.stages.delivery_log import DeliveryLog


def after_stage(settings: DownloadSettings, delivery_log: DeliveryLog) -> Stage:
    """Move, trash or delete the files of each photo that the journal knows to be in every gallery of this run."""
    if settings.after == "move":
        sweep(settings.after_folder or "")
    dealing = _Dealing(settings, delivery_log.journal, any(one.original for _, one in delivery_log.recipes.values()))
    stage = Stage.of("after", dealing.work, workers=settings.workers, maxsize=2 * settings.workers)
    return replace(stage, takes_finished=True)


@dataclass(frozen=True, slots=True)
class _Dealing:
    """What becomes of photos' files in this run.

    Attributes:
        settings: what is to become of them.
        journal: knows what is in every gallery.
        sends_originals: whether galleries get photos' files as they are.
    """

    settings: DownloadSettings
    journal: Journal
    sends_originals: bool

    def work(self, payload: Any) -> Any:
        """Deal with a photo that was uploaded, or was found to be; anything else goes past."""
        if isinstance(payload, DeliveredPhoto):
            return replace(payload, after=self._deal_with(payload.source))
        if isinstance(payload, SkippedPhotos) and payload.source is not None:
            return replace(payload, after=self._deal_with(payload.source))
        return payload

    def _deal_with(self, photo: DownloadedPhoto) -> AfterOutcome | None:
        if self.journal.plan_for(photo.source_sha256):
            return None
        companions = companions_of(_as_it_is_now(photo.found))
        is_kept_elsewhere = partial(self._is_kept_elsewhere, photo)
        return after(photo.found, photo.source_sha256, companions, self.settings, is_kept_elsewhere)

    def _is_kept_elsewhere(self, photo: DownloadedPhoto, companion: CheckedFile) -> bool:
        if any(holds(copy.path, companion.sha256, companion.size_bytes) for copy in photo.archived):
            return True
        return self.sends_originals and not self.journal.plan_for(companion.sha256)


def _as_it_is_now(photo: FoundPhoto) -> FoundPhoto:
    """The photo, touched or not: its companions are found by its header; whether it has changed is found out later."""
    with suppress(DownloadError):
        return photo.found_again()
    return photo
