"""Make what is planned of each photo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from photopipe.download.download import read_again
from photopipe.errors import PhotoChanged
from photopipe.photo import DownloadedPhoto, RenderedPhoto, ResizedPhoto
from photopipe.pipeline import Settled, Stage, Work
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.spool import Spool
from photopipe.stop_token import StopToken


def resize_stage(workers: int, delivery_log: DeliveryLog, spool: Spool | None = None) -> Stage:
    """Make what is planned of each photo; one that changed since it was hashed is read again once.

    Args:
        workers: threads.
        delivery_log: what they share.
        spool: where renditions wait for a slow gallery; None keeps them in memory.
    """

    @contextmanager
    def make_work() -> Iterator[Work]:
        from photopipe.resize.resize import resize_all

        def render(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto:
            recipe_ids = list(dict.fromkeys(delivery.target.recipe_id for delivery in photo.plan))
            with delivery_log.recording_failure("resize", photo):
                resized = resize_all(photo, [delivery_log.recipes[recipe_id] for recipe_id in recipe_ids], stop=stop)
            made = {recipe_id: _named(one, recipe_id) for recipe_id, one in zip(recipe_ids, resized, strict=True)}
            renditions = ((delivery.target, made[delivery.target.recipe_id].rendition) for delivery in photo.plan)
            delivery_log.journal.rendered(photo.source_sha256, renditions)
            return RenderedPhoto(photo, tuple(spool.put(one) if spool else one for one in made.values()))

        def work(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto | Settled:
            try:
                return render(photo, stop)
            except PhotoChanged:
                again = _put_back(photo, delivery_log)
                return again if isinstance(again, Settled) else render(again, stop)

        yield work

    return Stage("resize", make_work, workers, 2 * workers)


def _named(photo: ResizedPhoto, recipe_id: str) -> ResizedPhoto:
    return replace(photo, rendition=replace(photo.rendition, recipe_id=recipe_id))


def _put_back(photo: DownloadedPhoto, delivery_log: DeliveryLog) -> DownloadedPhoto | Settled:
    """Read and admit it again, without waiting for a claim: the photo that holds it may be behind this one."""
    again = read_again(photo.found)
    if not delivery_log.claims.take_at_once(again.source_sha256):
        raise PhotoChanged("changed while it was read, into a copy of another photo on the line. Run again.")
    return delivery_log.admit(again)
