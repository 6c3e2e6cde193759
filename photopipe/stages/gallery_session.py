"""One gallery of a run, from the first photo that is ready for it to the end."""

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from photopipe.errors import UsageError
from photopipe.photo import ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.flow.rate_control import RateControl
from photopipe.upload.galleries.address import endpoint_address
from photopipe.upload.galleries.template import Template
from photopipe.upload.http.bandwidth import Bandwidth

if TYPE_CHECKING:
    from photopipe.gallery.embedded import EmbeddedGallery
    from photopipe.upload.uploader import Uploader


class GallerySession:
    """One gallery of a run: opened when the first photo is ready to be sent, and shared by all workers.

    Args:
        settings: where photos go; without an address, to the embedded gallery, started here.
        gallery_folder: the embedded gallery's folder.
        bandwidth: what all galleries of the run share.
        stop: set when the run is to end at once; then every worker that waits for the gallery's answer wakes.
        make_rate_control: as for `Uploader`.

    Raises:
        UsageError: the album's template cannot be understood.
    """

    def __init__(
        self,
        settings: UploadSettings,
        gallery_folder: str,
        bandwidth: Bandwidth | None,
        stop: StopToken,
        make_rate_control: Callable[[UploadSettings, Callable[[], float]], RateControl] = RateControl,
    ) -> None:
        self._settings = settings
        self._gallery_folder = gallery_folder
        self._bandwidth = bandwidth
        self._album = Template(settings.album) if settings.album else None
        self._lock = Lock()
        self._uploader: Uploader | None = None
        self._embedded: EmbeddedGallery | None = None
        self._stop = stop
        self._make_rate_control = make_rate_control

    def album(self, photo: ResizedPhoto) -> str | None:
        """The album a photo goes to, or None."""
        return self._album.fill(photo) or None if self._album else None

    def uploader(self) -> "Uploader":
        """The one uploader all workers share."""
        from photopipe.upload.uploader import Uploader

        with self._lock:
            if self._uploader is None:
                self._uploader = Uploader(
                    self.opened(), bandwidth=self._bandwidth, make_rate_control=self._make_rate_control
                )
                self._stop.on_set(self._uploader.abort)
            return self._uploader

    def require_answers(self) -> None:
        """Make sure that the gallery can tell which photos it has.

        Raises:
            UsageError: it cannot.
            LineError: it cannot be asked.
        """
        with self.uploader().open_client() as client:
            if not client.can_find(self._stop):
                name = self._settings.name or self._settings.endpoint_url
                raise UsageError(
                    f"{name}: this gallery cannot tell which photos it has, so that the journal cannot be filled from "
                    "it. For an endpoint of your own, the option `lookup` says how to ask."
                )

    def close(self) -> None:
        """End the embedded gallery, if it was started."""
        if self._embedded is not None:
            self._embedded.close()

    def opened(self) -> UploadSettings:
        """The gallery's settings with its address; the embedded gallery is started for that."""
        if self._settings.endpoint_url is not None:
            return self._settings
        from photopipe.gallery.embedded import EmbeddedGallery

        self._embedded = EmbeddedGallery(self._gallery_folder)
        address = endpoint_address(self._embedded.start(self._stop))
        return replace(self._settings, endpoint_url=address, token=self._embedded.token)
