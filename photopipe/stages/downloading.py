"""Hash each photo, and say what is already done: for a run, and for a dry run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from photopipe.download.download import download
from photopipe.files.kinds import require_photo
from photopipe.photo import DownloadedPhoto, FoundPhoto, SkippedPhotos
from photopipe.pipeline import Settled, Stage, Work
from photopipe.settings import DownloadSettings
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stop_token import StopToken


def download_stage(settings: DownloadSettings, delivery_log: DeliveryLog) -> Stage:
    """Hash each photo; skip it if its content is done, wait if its twin is on the line."""

    def work(found: FoundPhoto, stop: StopToken) -> DownloadedPhoto | Settled:
        photo = download(found)
        delivery_log.claims.take(photo.source_sha256, stop.is_set)
        return delivery_log.admit(photo)

    make_work = _ready(work)
    return Stage("download", make_work, settings.workers, 2 * settings.workers, on_abort=delivery_log.claims.wake)


def plan_stage(settings: DownloadSettings, delivery_log: DeliveryLog) -> Stage:
    """For a dry run: tell what the download stage would let through, and write nothing."""

    def work(found: FoundPhoto, _stop: StopToken) -> DownloadedPhoto | Settled:
        photo = download(found)
        if not delivery_log.journal.undone(photo.source_sha256):
            return Settled(SkippedPhotos((found,), "duplicate"))
        if not delivery_log.claims.take_at_once(photo.source_sha256):
            return Settled(SkippedPhotos((found,), "duplicate"))
        require_photo(photo.head)
        return photo

    return Stage("download", _ready(work), settings.workers, 2 * settings.workers)


def _ready(work: Callable[[Any, StopToken], Any]) -> Callable[[], Any]:
    """A stage's set-up for work that needs none."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        yield work

    return make_work
