"""The stages as the line runs them: each plain function with the journal and the claims around it.

Whoever reads `download/`, `resize/` or `upload/` finds a function of one photo. What makes the line
exactly-once is all here: record before acting, ask before sending again, let one twin wait for the
other. Heavy libraries are imported when a stage is set up, so a line with nothing to do loads none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from photopipe.download.download import download, read_again
from photopipe.download.kinds import require_photo
from photopipe.errors import ItemError, PhotoChanged
from photopipe.journal import Claims, Journal
from photopipe.photo import (
    DownloadedPhoto,
    FoundPhoto,
    Rendition,
    ResizedPhoto,
    SkippedPhotos,
    UnsentRendition,
    UploadedPhoto,
)
from photopipe.pipeline import Settled, Stage, Stop, Work
from photopipe.settings import DownloadSettings, ResizeSettings, UploadSettings
from photopipe.upload.identity import endpoint_address, idempotency_key

if TYPE_CHECKING:
    from photopipe.gallery.embedded import EmbeddedGallery
    from photopipe.upload.uploader import Client, Uploader


@dataclass(frozen=True, slots=True)
class Ledger:
    """What all workers of a run share to keep each photo exactly once.

    Attributes:
        journal: what is recorded.
        renditions: what is made of each photo, by recipe id: its name and settings.
        gallery_id: part of each rendition's idempotency key, as is the recipe id.
        claims: content on the line right now.
    """

    journal: Journal
    renditions: dict[str, tuple[str, ResizeSettings]]
    gallery_id: str
    claims: Claims = field(default_factory=Claims)

    def key(self, photo: DownloadedPhoto, recipe_id: str) -> str:
        """The idempotency key under which a rendition is sent, in this run and every later one."""
        return idempotency_key(photo.source_sha256, recipe_id, self.gallery_id)

    def recipe_id(self, rendition: Rendition) -> str:
        """The recipe of a rendition that was made in this run."""
        return next(recipe_id for recipe_id, (name, _) in self.renditions.items() if name == rendition.name)

    @contextmanager
    def recording_failure(self, stage: str, photo: DownloadedPhoto) -> Iterator[None]:
        """Record an `ItemError` for all that is undone and let go of the photo's content, then pass it on."""
        try:
            yield
        except ItemError as error:
            for recipe_id in self.journal.undone(photo.source_sha256):
                self.journal.failed(photo.source_sha256, recipe_id, stage, error)
            self.claims.release(photo.source_sha256)
            raise

    def admit(self, photo: DownloadedPhoto) -> DownloadedPhoto | Settled:
        """Record a photo whose content is claimed; settled if the gallery has that content."""
        admission = self.journal.admit(photo)
        if admission.undone:
            with self.recording_failure("download", photo):
                require_photo(photo)
            return photo
        self.claims.release(photo.source_sha256)
        reason = "duplicate" if admission.same_as else "unchanged"
        return Settled(SkippedPhotos((photo.found,), reason, admission.same_as))


def download_stage(settings: DownloadSettings, ledger: Ledger) -> Stage:
    """Hash each photo; skip it if its content is done, wait if its twin is on the line."""

    def work(found: FoundPhoto, stop: Stop) -> DownloadedPhoto | Settled:
        photo = download(found)
        ledger.claims.take(photo.source_sha256, stop.is_set)
        return ledger.admit(photo)

    make_work = _ready(work)
    return Stage("download", make_work, settings.workers, 2 * settings.workers, on_abort=ledger.claims.wake)


def plan_stage(settings: DownloadSettings, ledger: Ledger) -> Stage:
    """For a dry run: tell what the download stage would let through, and write nothing."""

    def work(found: FoundPhoto, _stop: Stop) -> DownloadedPhoto | Settled:
        photo = download(found)
        if not ledger.journal.undone(photo.source_sha256):
            return Settled(SkippedPhotos((found,), "duplicate"))
        if not ledger.claims.take_at_once(photo.source_sha256):
            return Settled(SkippedPhotos((found,), "duplicate"))
        require_photo(photo)
        return photo

    return Stage("download", _ready(work), settings.workers, 2 * settings.workers)


def resize_stage(workers: int, ledger: Ledger) -> Stage:
    """Make what is undone of each photo; one that changed since it was hashed is put back once."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        from photopipe.resize.resize import resize_all

        def resize_and_record(photo: DownloadedPhoto) -> tuple[ResizedPhoto, ...]:
            undone = ledger.journal.undone(photo.source_sha256)
            with ledger.recording_failure("resize", photo):
                resized = resize_all(photo, [ledger.renditions[recipe_id] for recipe_id in undone])
            for recipe_id, one in zip(undone, resized, strict=True):
                ledger.journal.rendered(photo.source_sha256, recipe_id, one.rendition)
            return resized

        def work(photo: DownloadedPhoto, _stop: Stop) -> tuple[ResizedPhoto, ...] | Settled:
            try:
                return resize_and_record(photo)
            except PhotoChanged:
                again = _put_back(photo, ledger)
                return again if isinstance(again, Settled) else resize_and_record(again)

        yield work

    return Stage("resize", make_work, workers, 2 * workers)


def _put_back(photo: DownloadedPhoto, ledger: Ledger) -> DownloadedPhoto | Settled:
    """Through the download stage once more, without waiting: whoever is waited for may be behind us."""
    again = read_again(photo.found)
    if not ledger.claims.take_at_once(again.source_sha256):
        raise PhotoChanged("changed while it was read, into a copy of another photo on the line. Run again.")
    return ledger.admit(again)


class Door:
    """The gallery's door: opened when the first photo is ready to be sent.

    Args:
        settings: where photos go; without an address, to the embedded gallery, started here.
        gallery_folder: the embedded gallery's folder.
    """

    def __init__(self, settings: UploadSettings, gallery_folder: str) -> None:
        self._settings = settings
        self._gallery_folder = gallery_folder
        self._lock = Lock()
        self._uploader: Uploader | None = None
        self._embedded: EmbeddedGallery | None = None

    def uploader(self) -> "Uploader":
        """The one uploader all workers share."""
        from photopipe.upload.uploader import Uploader

        with self._lock:
            if self._uploader is None:
                self._uploader = Uploader(self._open())
            return self._uploader

    def abort(self) -> None:
        """Wake every worker that waits for the gallery's answer."""
        if self._uploader is not None:
            self._uploader.abort()

    def close(self) -> None:
        """End the embedded gallery, if it was started."""
        if self._embedded is not None:
            self._embedded.close()

    def _open(self) -> UploadSettings:
        if self._settings.endpoint_url is not None:
            return self._settings
        from photopipe.gallery.embedded import EmbeddedGallery

        self._embedded = EmbeddedGallery(self._gallery_folder)
        address = endpoint_address(self._embedded.start())
        return replace(self._settings, endpoint_url=address, token=self._embedded.token)


def upload_stage(settings: UploadSettings, ledger: Ledger, door: Door) -> Stage:
    """Send the renditions of each photo; what may have arrived in an earlier run is asked for first."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        with door.uploader().open_client() as client:

            def work(renditions: tuple[ResizedPhoto, ...], stop: Stop) -> tuple[UploadedPhoto | UnsentRendition, ...]:
                sent = tuple(_send_and_record(photo, client, ledger, stop) for photo in renditions)
                ledger.claims.release(renditions[0].source.source_sha256)
                return sent

            yield work

    return Stage("upload", make_work, settings.workers, 2 * settings.workers, on_abort=door.abort)


def _send_and_record(
    photo: ResizedPhoto, client: "Client", ledger: Ledger, stop: Stop
) -> UploadedPhoto | UnsentRendition:
    """Send one rendition; its failure does not keep the photo's others from being sent."""
    source_sha256, recipe_id = photo.source.source_sha256, ledger.recipe_id(photo.rendition)
    try:
        uploaded = _send_once(photo, recipe_id, client, ledger, stop)
    except ItemError as error:
        ledger.journal.failed(source_sha256, recipe_id, "upload", error)
        return UnsentRendition(photo.source, photo.rendition, error.with_traceback(None))
    ledger.journal.uploaded(source_sha256, recipe_id, uploaded.receipt)
    return uploaded


def _send_once(photo: ResizedPhoto, recipe_id: str, client: "Client", ledger: Ledger, stop: Stop) -> UploadedPhoto:
    source_sha256, key = photo.source.source_sha256, ledger.key(photo.source, recipe_id)
    delivery = ledger.journal.delivery(source_sha256, recipe_id)
    is_in_doubt = delivery is not None and delivery.state == "sending"
    if delivery is not None and is_in_doubt:
        receipt = client.find(key, delivery.sha256, stop)
        if receipt is not None:
            return UploadedPhoto(photo.source, photo.rendition, receipt)
    ledger.journal.sending(source_sha256, recipe_id, photo.rendition)
    return client.upload(photo, key, stop, in_doubt=is_in_doubt)


def _ready(work: Callable[[Any, Stop], Any]) -> Callable[[], Any]:
    """A stage's set-up for work that needs none."""

    @contextmanager
    def make_work() -> Iterator[Work]:
        yield work

    return make_work
