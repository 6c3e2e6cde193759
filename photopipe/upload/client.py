"""One worker's uploads: ask if in doubt, send, wait, try again."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from photopipe.errors import RunStopped, UploadError
from photopipe.photo import Receipt, Rendition, ResizedPhoto, UploadedPhoto
from photopipe.stop_token import StopToken
from photopipe.upload.flow.circuit_breaker import CircuitBreaker
from photopipe.upload.flow.rate_control import RateControl
from photopipe.upload.flow.retry_policy import RetryPolicy
from photopipe.upload.flow.semaphore import STOPPED
from photopipe.upload.galleries.contract import Gallery, Health, OutgoingPhoto
from photopipe.upload.http.upload_errors import Trouble

R = TypeVar("R")


class Client:
    """The uploads of one worker; made by `Uploader.open_client`, used in one thread.

    Args:
        gallery: says things to the gallery, once each.
        make_patience: makes the waits of one photo.
        traffic: the pace and the pauses all workers keep together.
        breaker: ends the run when photo after photo fails.
    """

    def __init__(
        self,
        gallery: Gallery,
        make_retry_policy: Callable[[], RetryPolicy],
        rate_control: RateControl,
        circuit_breaker: CircuitBreaker,
    ) -> None:
        self._gallery = gallery
        self._make_retry_policy = make_retry_policy
        self._rate_control = rate_control
        self._circuit_breaker = circuit_breaker

    def upload(
        self,
        photo: ResizedPhoto,
        key: str,
        stop: StopToken,
        *,
        album: str | None = None,
        ambiguous: bool = False,
    ) -> UploadedPhoto:
        """Bring one photo into the gallery, once.

        Args:
            photo: what is sent.
            key: the photo's `Idempotency-Key`.
            stop: set when the run is to end; every wait is a wait for it.
            album: where it is to be put, or None.
            ambiguous: an earlier run may have sent this photo: the gallery is asked first.

        Returns:
            The photo with the gallery's receipt; `already_there` is False if we may have sent it ourselves.

        Raises:
            GalleryRefused, GalleryFailed: this photo cannot be uploaded.
            LoginRefused, GalleryUnreachable, DiskFull, UsageError: no photo can be.
            RunStopped: `stop` was set, or `Uploader.abort` called; the photo may have arrived.
        """
        sending = _Sending(self._gallery, OutgoingPhoto(photo, key, album), self._rate_control, ambiguous=ambiguous)
        receipt = self._until_answered(sending.try_once, stop)
        self._rate_control.took_a_photo()
        self._circuit_breaker.succeeded()
        return UploadedPhoto(photo.source, photo.rendition, receipt)

    def find(
        self, photo: ResizedPhoto, key: str, stop: StopToken, *, sent: Rendition | None = None, album: str | None = None
    ) -> Receipt | None:
        """Ask the gallery whether it has a photo that an earlier run may have sent.

        Args:
            photo: what would be sent now.
            key: the photo's `Idempotency-Key`.
            stop: as in `upload`.
            sent: what was sent then, if that may have been other bytes.
            album: where it was to be put, or None.

        Returns:
            As `Gallery.find`.

        Raises:
            LoginRefused, GalleryUnreachable, GalleryFailed, UsageError: it could not be asked.
            RunStopped: as in `upload`.
        """

        def ask() -> Receipt | None:
            return self._gallery.find(OutgoingPhoto(photo, key, album, sent))

        self._gallery.context.http.stop = stop
        self._gallery.context.shared.once("settled", self._settle)
        return self._until_answered(ask, stop)

    def check(self, stop: StopToken) -> Health:
        """Look whether photos could be sent; raises as `find`."""
        return self._until_answered(self._gallery.check, stop)

    def _settle(self) -> None:
        """That run may have been killed a moment ago, and the gallery still be at work on what it sent."""
        if self._gallery.SETTLE_S:
            self._gallery.context.http.wait(self._gallery.SETTLE_S)

    def _until_answered(self, attempt: Callable[[], R], stop: StopToken) -> R:
        retry_policy = self._make_retry_policy()
        self._gallery.context.http.stop = stop
        while True:
            try:
                with self._rate_control.permit(stop):
                    if self._gallery.IS_REMOTE:
                        self._gallery.context.http.probe()
                    return attempt()
            except Trouble as trouble:
                wait_s = self._wait_s(retry_policy, trouble)
            except UploadError as error:
                self._circuit_breaker.failed(error)
                raise
            if stop.wait(wait_s):  # without a permit: others may use the time
                raise RunStopped(STOPPED)

    def _wait_s(self, retry_policy: RetryPolicy, trouble: Trouble) -> float:
        try:
            wait_s = retry_policy.wait_s(trouble)
        except UploadError as error:
            self._circuit_breaker.failed(error)
            raise
        return max(wait_s, self._gallery.SETTLE_S) if trouble.ambiguous else wait_s


class _Sending:
    """One photo on its way, which remembers whether it may have arrived."""

    def __init__(self, gallery: Gallery, photo: OutgoingPhoto, rate_control: RateControl, *, ambiguous: bool) -> None:
        self._gallery = gallery
        self._photo = photo
        self._rate_control = rate_control
        self._ambiguous = ambiguous

    def try_once(self) -> Receipt:
        receipt = self._gallery.find(self._photo) if self._ambiguous else None
        if receipt is None:
            receipt = self._send()
        return replace(receipt, already_there=receipt.already_there and not self._ambiguous)

    def _send(self) -> Receipt:
        try:
            with self._rate_control.sending():
                return self._gallery.send(self._photo)
        except Trouble as trouble:
            self._ambiguous = self._ambiguous or trouble.ambiguous
            raise
