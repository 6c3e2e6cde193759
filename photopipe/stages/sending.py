"""Send one rendition to one gallery, once: ask first if it may be there, and make it smaller if it is too large.

Nothing here knows the journal; who calls records what is about to be sent, and what the gallery answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from photopipe.errors import NotInGallery, TooLargeForGallery
from photopipe.photo import PlannedDelivery, Receipt, Rendition, ResizedPhoto, Target, UploadedPhoto
from photopipe.settings import ResizeSettings, UploadSettings
from photopipe.stages.gallery_session import GallerySession
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.identity import idempotency_key

if TYPE_CHECKING:
    from photopipe.upload.client import UploadClient

SHARE: Final = 0.75
"""Of the sides that were too long: a little more than half the bytes."""
SMALLEST_PX: Final = 320


@dataclass(frozen=True, slots=True)
class Destination:
    """One gallery of this run.

    Attributes:
        gallery_id: its name in the journal.
        settings: where it is, and how long it is tried.
        session: opens it.
    """

    gallery_id: str
    settings: UploadSettings
    session: GallerySession

    def target(self, photo: ResizedPhoto) -> Target:
        """Where a rendition goes, as the journal names it."""
        return Target(photo.rendition.recipe_id, self.gallery_id)


@dataclass(frozen=True, slots=True)
class Sending:
    """One worker's sending to one gallery.

    Attributes:
        destination: the gallery.
        recipes: by recipe id, name and settings of each rendition.
        client: this worker's connections.
        only_ask: whether nothing is sent, and the gallery only says which photos it has.
    """

    destination: Destination
    recipes: Mapping[str, tuple[str, ResizeSettings]]
    client: "UploadClient"
    only_ask: bool = False

    def send(
        self,
        photo: ResizedPhoto,
        delivery: PlannedDelivery,
        stop: StopToken,
        before_sending: Callable[[ResizedPhoto], None],
    ) -> UploadedPhoto:
        """Bring a rendition into the gallery, once.

        Args:
            photo: the rendition.
            delivery: what is planned; if it is ambiguous, the gallery is asked first.
            stop: ends every wait.
            before_sending: called with what is about to be sent, before its first byte leaves.

        Raises:
            ItemError: this photo cannot be sent.
            NotInGallery: it was only asked for, and is not there.
            LineError, UsageError: no photo can be sent to this gallery.
        """
        key, album = self._key(photo), self.destination.session.album(photo)
        earlier = _as_sent(photo, delivery) if delivery.is_ambiguous else None
        if self.only_ask or delivery.is_forgotten:
            receipt = self.client.find(photo, key, stop, album=album, earlier=earlier)
            if self.only_ask or receipt is not None:
                return _found(photo, receipt)
        asked_for = None if delivery.is_forgotten else earlier
        begin = partial(before_sending, photo)
        try:
            return self.client.upload(photo, key, stop, album=album, earlier=asked_for, before_sending=begin)
        except TooLargeForGallery:
            if self.destination.settings.on_413 != "shrink":
                raise
            return self._send_smaller(photo, stop, before_sending)

    def find(self, photo: ResizedPhoto, stop: StopToken) -> UploadedPhoto | None:
        """Ask whether the gallery has these very bytes, or what was sent under this photo's key; raises as `send`."""
        receipt = self.client.find(photo, self._key(photo), stop, album=self.destination.session.album(photo))
        return None if receipt is None else UploadedPhoto(photo.source, photo.rendition, receipt)

    def _send_smaller(
        self, photo: ResizedPhoto, stop: StopToken, before_sending: Callable[[ResizedPhoto], None]
    ) -> UploadedPhoto:
        """Make the photo smaller until the gallery takes it."""
        name, settings = self.recipes[photo.rendition.recipe_id]
        while True:
            photo = smaller(photo, name, settings, stop)
            before_sending(photo)
            try:
                return self.client.upload(photo, self._key(photo), stop, album=self.destination.session.album(photo))
            except TooLargeForGallery:
                continue

    def _key(self, photo: ResizedPhoto) -> str:
        """The idempotency key under which a rendition is sent, in this run and every later one."""
        recipe_id, gallery_id = self.destination.target(photo)
        return idempotency_key(photo.source.source_sha256, recipe_id, gallery_id)


def _found(photo: ResizedPhoto, receipt: Receipt | None) -> UploadedPhoto:
    if receipt is None:
        raise NotInGallery("is not in the gallery; `photopipe process` sends it")
    return UploadedPhoto(photo.source, photo.rendition, replace(receipt, already_there=True))


def _as_sent(photo: ResizedPhoto, delivery: PlannedDelivery) -> Rendition:
    """What an earlier run was sending, which may be other bytes than are sent now."""
    return replace(photo.rendition, **delivery.sent._asdict()) if delivery.sent else photo.rendition


def smaller(photo: ResizedPhoto, name: str, settings: ResizeSettings, stop: StopToken) -> ResizedPhoto:
    """The same photo, made again from its source, each side three quarters as long.

    Args:
        photo: what was too large.
        name: of the rendition.
        settings: the rendition's.
        stop: ends the wait for memory.

    Raises:
        TooLargeForGallery: it is small already, or is an original, which is sent as it is or not at all.
        ItemError: the source can no longer be resized.
    """
    from photopipe.resize.resize import resize_all

    longest_px = max(photo.rendition.width_px, photo.rendition.height_px)
    if photo.is_original or longest_px * SHARE < SMALLEST_PX:
        raise TooLargeForGallery("cannot be uploaded: even a small rendition of it is too large for the gallery.")
    box = (max(1, int(photo.rendition.width_px * SHARE)), max(1, int(photo.rendition.height_px * SHARE)))
    if settings.fit == "inside":
        box = (int(longest_px * SHARE), int(longest_px * SHARE))
    smaller_settings = replace(settings, max_width_px=box[0], max_height_px=box[1])
    (made,) = resize_all(photo.source, [(name, smaller_settings)], stop=stop)
    return replace(made, rendition=replace(made.rendition, recipe_id=photo.rendition.recipe_id))
