"""Deal with the files of each photo that is in every gallery, whichever run has uploaded it."""

from dataclasses import replace
from typing import Any

from photopipe.download.after.after import after
from photopipe.download.after.checked_file import CheckedFile
from photopipe.files.placing import holds, sweep
from photopipe.photo import AfterOutcome, DeliveredPhoto, DownloadedPhoto, SkippedPhotos
from photopipe.pipeline import Stage
from photopipe.settings import DownloadSettings
from photopipe.stages.companions import companions_of
from photopipe.stages.delivery_log import DeliveryLog


def after_stage(settings: DownloadSettings, delivery_log: DeliveryLog) -> Stage:
    """Move, trash or delete the files of each photo that the journal knows to be in every gallery of this run."""
    if settings.after == "move":
        sweep(settings.after_folder or "")
    archives_originals = any(recipe.original for _, recipe in delivery_log.recipes.values())

    def act(photo: DownloadedPhoto) -> AfterOutcome | None:
        if delivery_log.journal.plan_for(photo.source_sha256):
            return None

        def is_kept_elsewhere(companion: CheckedFile) -> bool:
            if any(holds(copy.path, companion.sha256, companion.size_bytes) for copy in photo.archived):
                return True
            return archives_originals and not delivery_log.journal.plan_for(companion.sha256)

        return after(photo.found, photo.source_sha256, companions_of(photo.found), settings, is_kept_elsewhere)

    def work(payload: Any) -> Any:
        if isinstance(payload, DeliveredPhoto):
            return replace(payload, after=act(payload.source))
        if isinstance(payload, SkippedPhotos) and payload.source is not None:
            return replace(payload, after=act(payload.source))
        return payload

    stage = Stage.of("after", work, workers=settings.workers, maxsize=2 * settings.workers)
    return replace(stage, takes_settled=True)
