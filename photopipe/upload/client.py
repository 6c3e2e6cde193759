"""One worker's uploads to one gallery: ask if in doubt, send, wait, try again."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
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
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import RetryableError

R = TypeVar("R")


class UploadClient:
    """The uploads of one worker; made by `Uploader.open_client`, used in one thread.

    Args:
        gallery: makes each request once.
        endpoint_status: told of every photo the gallery takes.
        rate_control: the concurrency limit and the pauses all workers keep together; None if the gallery needs none.
        make_retry_policy: makes the waits of one photo.
        make_circuit_breaker: makes what ends the run when photo after photo fails.
    """

    def __init__(
        self,
        gallery: Gallery,
        endpoint_status: EndpointStatus,
        rate_control: RateControl | None,
        *,
        make_retry_policy: Callable[[], RetryPolicy],
        make_circuit_breaker: Callable[[], CircuitBreaker],
    ) -> None:
        self._gallery = gallery
        self._endpoint_status = endpoint_status
        self._rate_control = rate_control
        self._make_retry_policy = make_retry_policy
        self._make_circuit_breaker = make_circuit_breaker

    def upload(
        self,
        photo: ResizedPhoto,
        key: str,
        stop: StopToken,
        *,
        album: str | None = None,
        earlier: Rendition | None = None,
        before_sending: Callable[[], None] | None = None,
    ) -> UploadedPhoto:
        """Bring one photo into the gallery, once.

        Args:
            photo: what is sent.
            key: the photo's `Idempotency-Key`.
            stop: set when the run is to end; every wait is a wait for it.
            album: where it is to be put, or None.
            earlier: what an earlier run may have sent of this photo: the gallery is asked for that first. None if
                it was never sent.
            before_sending: called once before the first byte leaves, and never if the gallery has the photo.

        Returns:
            The photo with the gallery's receipt; `already_there` is False if we may have sent it ourselves.

        Raises:
            DownloadError: the photo's own file cannot be read, or is no longer what it was.
            GalleryRefused, GalleryFailed: this photo cannot be uploaded.
            LoginRefused, GalleryUnreachable, DiskFull, UsageError: no photo can be.
            RunStopped: `stop` was set, or `Uploader.abort` called; the photo may have arrived.
        """
        if earlier is not None:
            found = self.find(photo, key, stop, album=album, earlier=earlier)
            if found is not None:
                return UploadedPhoto(photo.source, photo.rendition, found)
        if before_sending is not None:
            before_sending()
        sending = _Sending(self._gallery, OutgoingPhoto(photo, key, album), self._rate_control)
        receipt = self._until_answered(sending.try_once, stop)
        self._endpoint_status.succeeded()
        if earlier is not None:  # whoever brought these bytes, it may have been that run
            receipt = replace(receipt, already_there=False)
        return UploadedPhoto(photo.source, photo.rendition, receipt)

    def find(
        self,
        photo: ResizedPhoto,
        key: str,
        stop: StopToken,
        *,
        album: str | None = None,
        earlier: Rendition | None = None,
    ) -> Receipt | None:
        """Ask the gallery whether it has a photo that an earlier run may have sent.

        Args:
            photo: what would be sent now.
            key: the photo's `Idempotency-Key`.
            stop: as in `upload`.
            album: where it was to be put, or None.
            earlier: what was sent then, if that may have been other bytes.

        Returns:
            As `Gallery.find`.

        Raises:
            LoginRefused, GalleryUnreachable, GalleryFailed, UsageError: it could not be asked.
            RunStopped: as in `upload`.
        """

        def ask() -> Receipt | None:
            return self._gallery.find(OutgoingPhoto(photo, key, album, earlier))

        self._gallery.context.stop = stop
        self._gallery.context.shared.once("settled", self._settle)
        return self._until_answered(ask, stop)

    def can_find(self, stop: StopToken) -> bool:
        """Whether the gallery can tell that it has a photo; raises as `find`."""
        return self._until_answered(self._gallery.can_find, stop)

    def check(self, stop: StopToken) -> Health:
        """Check whether photos could be sent; raises as `find`."""
        health = self._until_answered(self._gallery.check, stop)
        return replace(health, clock_skew_s=self._gallery.context.clock_skew_s)

    def _settle(self) -> None:
        """Wait once: an earlier run may just have been killed, and the gallery still be working on its photo."""
        if self._gallery.SETTLE_S:
            self._gallery.context.wait(self._gallery.SETTLE_S)

    def _until_answered(self, attempt: Callable[[], R], stop: StopToken) -> R:
        retry_policy: RetryPolicy | None = None
        self._gallery.context.stop = stop
        while True:
            try:
                with self._permit(stop):
                    if self._gallery.IS_REMOTE:
                        self._gallery.probe()
                    return attempt()
            except RetryableError as error:
                retry_policy = retry_policy or self._make_retry_policy()
                wait_s = self._wait_s(retry_policy, error)
            except UploadError as error:
                self._make_circuit_breaker().failed(error)
                raise
            if stop.wait(wait_s):  # without a permit: others may use the time
                raise RunStopped(STOPPED)

    def _permit(self, stop: StopToken) -> AbstractContextManager[None]:
        return nullcontext() if self._rate_control is None else self._rate_control.permit(stop)

    def _wait_s(self, retry_policy: RetryPolicy, error: RetryableError) -> float:
        try:
            wait_s = retry_policy.wait_s(error)
        except UploadError as last:
            self._make_circuit_breaker().failed(last)
            raise
        return max(wait_s, self._gallery.SETTLE_S) if error.ambiguous else wait_s


class _Sending:
    """One photo on its way, which remembers whether an attempt of this run may have brought it."""

    def __init__(self, gallery: Gallery, photo: OutgoingPhoto, rate_control: RateControl | None) -> None:
        self._gallery = gallery
        self._photo = photo
        self._rate_control = rate_control
        self._ambiguous = False

    def try_once(self) -> Receipt:
        receipt = self._gallery.find(self._photo) if self._ambiguous else None
        if receipt is None:
            receipt = self._send()
        return replace(receipt, already_there=receipt.already_there and not self._ambiguous)

    def _send(self) -> Receipt:
        try:
            with nullcontext() if self._rate_control is None else self._rate_control.sending():
                return self._gallery.send(self._photo)
        except RetryableError as error:
            self._ambiguous = self._ambiguous or error.ambiguous
            raise
