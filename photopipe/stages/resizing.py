"""Make what is planned of each photo."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from photopipe.errors import ItemError, PhotoChanged
from photopipe.photo import DownloadedPhoto, RenderedPhoto, ResizedPhoto
from photopipe.pipeline import Finished, Stage, Work
from photopipe.settings import ResizeSettings
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
        import photopipe.resize.resize  # noqa: F401  # once for each worker, before the first photo

        def render(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto:
            with delivery_log.recording_failure("resize", photo), delivery_log.lost_source.noticed(photo.found):
                made = make_planned(photo, delivery_log.recipes, stop, thumbnail_side_px)
            renditions = {one.rendition.recipe_id: one.rendition for one in made}
            targets = [delivery.target for delivery in photo.plan]
            delivery_log.journal.rendered(
                photo.source_sha256, [(target, renditions[target.recipe_id]) for target in targets]
            )
            return RenderedPhoto(photo, tuple(spool.put(one) if spool else one for one in made))

        def work(photo: DownloadedPhoto, stop: StopToken) -> RenderedPhoto | Finished:
            try:
                return render(photo, stop)
            except PhotoChanged as error:
                return delivery_log.put_back(photo.found, error)

        yield work

    return Stage("resize", make_work, workers, 2 * workers)


def make_planned(
    photo: DownloadedPhoto,
    recipes: Mapping[str, tuple[str, ResizeSettings]],
    stop: StopToken,
    thumbnail_side_px: int = 0,
) -> tuple[ResizedPhoto, ...]:
    """Make every rendition that is planned of a photo, each once, however many galleries get it.

    Args:
        photo: with its plan.
        recipes: by recipe id, name and settings of each rendition.
        stop: ends the wait for memory.
        thumbnail_side_px: as for `resize_stage`.

    Raises:
        ItemError: it cannot be read or resized.
    """
    from photopipe.resize.resize import resize_all

    recipe_ids = list(dict.fromkeys(delivery.target.recipe_id for delivery in photo.plan))
    resized = resize_all(photo, [recipes[recipe_id] for recipe_id in recipe_ids], stop=stop)
    if thumbnail_side_px:
        resized = (_with_thumbnail(resized[0], thumbnail_side_px), *resized[1:])
    return tuple(_named(one, recipe_id) for recipe_id, one in zip(recipe_ids, resized, strict=True))


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
