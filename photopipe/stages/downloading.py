"""Hash each photo, and find out what is already done: for a run, and for a dry run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from photopipe.download.download import download
from photopipe.errors import PhotoChanged
from photopipe.files.kinds import require_photo
from photopipe.found_photo import FoundPhoto
from photopipe.journal import SeenContent
from photopipe.photo import DownloadedPhoto, SetAsidePhoto, SkippedPhotos
from photopipe.pipeline import Finished, Stage, Work
from photopipe.settings import DownloadSettings
from photopipe.stages.archiving import Archiving
from photopipe.stages.choosing import Choosing
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stop_token import StopToken

if TYPE_CHECKING:
    from photopipe.download.after.archive import ArchiveCopy


def download_stage(settings: DownloadSettings, delivery_log: DeliveryLog) -> Stage:
    """Hash each photo that is chosen; skip it if its content is done, set it aside if a copy of it is on the line."""
    archiving, choosing = Archiving.of(settings, delivery_log), Choosing.of(settings, delivery_log)

    def work(photo: FoundPhoto | DownloadedPhoto, stop: StopToken) -> DownloadedPhoto | Finished:
        if isinstance(photo, FoundPhoto) and (skipped := _skipped(photo, choosing, delivery_log)):
            return skipped
        with archiving.receiving() as copy:
            downloaded = _downloaded(photo, settings, delivery_log, copy)
            if isinstance(downloaded, Finished):
                return downloaded
            if not delivery_log.claims.take(downloaded, stop):
                return Finished(SetAsidePhoto(downloaded))
            return archiving.keep(copy, delivery_log.admit(downloaded))

    return Stage("download", _ready(work), settings.workers, 2 * settings.workers)


def dry_run_stage(settings: DownloadSettings, delivery_log: DeliveryLog, seen: SeenContent) -> Stage:
    """For a dry run: let through what the download stage would, and write nothing."""
    choosing = Choosing.of(settings, delivery_log)

    def work(found: FoundPhoto, _stop: StopToken) -> DownloadedPhoto | Finished:
        if skipped := _skipped(found, choosing, delivery_log, records=False):
            return skipped
        photo = _downloaded(found, settings, delivery_log)
        if isinstance(photo, Finished):
            return photo
        if not delivery_log.journal.plan_for(photo.source_sha256) or not seen.add(photo.source_sha256):
            return Finished(SkippedPhotos((found,), "duplicate"))
        require_photo(photo.head)
        return photo

    return Stage("download", _ready(work), settings.workers, 2 * settings.workers)


def _skipped(
    photo: FoundPhoto, choosing: Choosing, delivery_log: DeliveryLog, *, records: bool = True
) -> Finished | None:
    """What becomes of a photo that is not taken; None for one that is. Pairs are recorded unless it is a dry run."""
    try:
        with delivery_log.lost_source.noticed(photo):
            reason = choosing.why_skipped(photo)
    except PhotoChanged as error:
        return delivery_log.put_back(photo, error)
    if reason == "paired" and records:
        delivery_log.journal.pairs.record(photo)
    return Finished(SkippedPhotos((photo,), reason)) if reason else None


def _downloaded(
    photo: FoundPhoto | DownloadedPhoto,
    settings: DownloadSettings,
    delivery_log: DeliveryLog,
    copy: "ArchiveCopy | None" = None,
) -> DownloadedPhoto | Finished:
    """The photo with its hash, which one that was set aside has already, but no copy; finished if it is put back."""
    if isinstance(photo, DownloadedPhoto):
        if copy is None:
            return photo
        photo = photo.found
    try:
        with delivery_log.lost_source.noticed(photo):
            return download(photo, settings.max_file_bytes, copy)
    except PhotoChanged as error:
        return delivery_log.put_back(photo, error)


def _ready(work: Callable[[Any, StopToken], Any]) -> Callable[[], Any]:
    """A stage's set-up for work that needs none."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        yield work

    return make_work
