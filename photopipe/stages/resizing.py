"""Make what is undone of each photo."""

from collections.abc import Iterator
from contextlib import contextmanager

from photopipe.download.download import read_again
from photopipe.errors import PhotoChanged
from photopipe.photo import DownloadedPhoto, PhotoOnItsWay
from photopipe.pipeline import Settled, Stage, Work
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stop_token import StopToken


def resize_stage(workers: int, delivery_log: DeliveryLog) -> Stage:
    """Make what is undone of each photo; one that changed since it was hashed is put back once."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        from photopipe.resize.resize import resize_all

        def resize_and_record(photo: DownloadedPhoto) -> PhotoOnItsWay:
            undone = delivery_log.journal.undone(photo.source_sha256)
            recipes = list(dict.fromkeys(target.recipe_id for target in undone))
            with delivery_log.recording_failure("resize", photo):
                resized = resize_all(photo, [delivery_log.renditions[recipe_id] for recipe_id in recipes])
            made = dict(zip(recipes, resized, strict=True))
            for target in undone:
                delivery_log.journal.rendered(photo.source_sha256, target, made[target.recipe_id].rendition)
            return PhotoOnItsWay(resized)

        def work(photo: DownloadedPhoto, _stop: StopToken) -> PhotoOnItsWay | Settled:
            try:
                return resize_and_record(photo)
            except PhotoChanged:
                again = _put_back(photo, delivery_log)
                return again if isinstance(again, Settled) else resize_and_record(again)

        yield work

    return Stage("resize", make_work, workers, 2 * workers)


def _put_back(photo: DownloadedPhoto, delivery_log: DeliveryLog) -> DownloadedPhoto | Settled:
    """Through the download stage once more, without waiting: whoever is waited for may be behind us."""
    again = read_again(photo.found)
    if not delivery_log.claims.take_at_once(again.source_sha256):
        raise PhotoChanged("changed while it was read, into a copy of another photo on the line. Run again.")
    return delivery_log.admit(again)
