"""Make what is planned of each photo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from photopipe.errors import ItemError, PhotoChanged
from photopipe.photo import DownloadedPhoto, RenderedPhoto, ResizedPhoto
from photopipe.pipeline import Finished, Stage, Work
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.spool import Spool
from photopipe.stop_token import StopToken

THUMBNAIL_QUALITY: Final = 55
"""A picture of 160 px has 2 to 4 kB then."""


def resize_stage(
    workers: int, delivery_log: DeliveryLog, spool: Spool | None = None, *, thumbnail_side_px: int = 0
) -> Stage:
    """Make what is planned of each photo; one that changed since it was hashed is put back.

    Args:
        workers: threads.
        delivery_log: what they share.
        spool: where renditions wait for a slow gallery; None keeps them in memory.
        thumbnail_side_px: longest side of the small picture that is made of the first rendition; 0 makes none.
    """

    @contextmanager
    def make_work() -> Iterator[Work]:
        from photopipe.resize.resize import resize_all

        def render(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto:
            recipe_ids = list(dict.fromkeys(delivery.target.recipe_id for delivery in photo.plan))
            with delivery_log.recording_failure("resize", photo), delivery_log.lost_source.noticed(photo.found):
                resized = resize_all(photo, [delivery_log.recipes[recipe_id] for recipe_id in recipe_ids], stop=stop)
            if thumbnail_side_px:
                resized = (_with_thumbnail(resized[0], thumbnail_side_px), *resized[1:])
            made = {recipe_id: _named(one, recipe_id) for recipe_id, one in zip(recipe_ids, resized, strict=True)}
            renditions = [(delivery.target, made[delivery.target.recipe_id].rendition) for delivery in photo.plan]
            delivery_log.journal.rendered(photo.source_sha256, renditions)
            return RenderedPhoto(photo, tuple(spool.put(one) if spool else one for one in made.values()))

        def work(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto | Finished:
            try:
                return render(photo, stop)
            except PhotoChanged as error:
                return delivery_log.put_back(photo.found, error)

        yield work

    return Stage("resize", make_work, workers, 2 * workers)


def _with_thumbnail(photo: ResizedPhoto, side_px: int) -> ResizedPhoto:
    """The photo with a small picture of it, if one can be made: an original may be damaged or of any kind."""
    from photopipe.resize.thumbnail import make_thumbnail

    try:
        with photo.open() as file:
            thumbnail = make_thumbnail(file, max_side_px=side_px, quality=THUMBNAIL_QUALITY)
    except ItemError:
        return photo
    return replace(photo, rendition=replace(photo.rendition, thumbnail=thumbnail))


def _named(photo: ResizedPhoto, recipe_id: str) -> ResizedPhoto:
    return replace(photo, rendition=replace(photo.rendition, recipe_id=recipe_id))
