"""One run's uploads to one endpoint, shared by all upload workers."""

import random as random_numbers
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.client import Client
from photopipe.upload.flow.circuit_breaker import CircuitBreaker
from photopipe.upload.flow.rate_control import RateControl
from photopipe.upload.flow.retry_policy import RetryPolicy
from photopipe.upload.galleries.gallery_context import GalleryContext, Shared
from photopipe.upload.galleries.kinds import check_options, gallery_class
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.upload.http.connection import SocketWatch
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.http_client import Http
from photopipe.upload.http.http_session import HttpSession
from photopipe.upload.http.upload_errors import UploadErrors

__all__ = ["Client", "Uploader"]


class Uploader:
    """One run's uploads to one endpoint, shared by all upload workers.

    Args:
        settings: where to and how patiently.
        clock: monotonic seconds.
        random: 0 to 1, for the spread of waits.
        bandwidth: what all galleries of a run share; None makes one of `settings.bwlimit`.

    Raises:
        UsageError: no endpoint, or a token that cannot be sent.
    """

    def __init__(
        self,
        settings: UploadSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random_numbers.random,
        bandwidth: Bandwidth | None = None,
    ) -> None:
        if settings.endpoint_url is None:
            raise UsageError("no gallery to upload to: name one with --to")
        _check_token(settings)
        self._kind = gallery_class(settings.kind)
        check_options(settings, self._kind)
        self._settings = settings
        self._clock = clock
        self._random = random
        self._endpoint_status = EndpointStatus(clock)
        self._outcomes = UploadErrors(settings.endpoint_url, secrets_of(settings))
        self._shared = Shared()
        most = min(settings.workers, self._kind.MOST_TRANSFERS or settings.workers)
        self._rate_control = RateControl(replace(settings, workers=most), self._endpoint_status, clock)
        self._circuit_breaker = CircuitBreaker(self._outcomes)
        self._bandwidth = bandwidth or Bandwidth(settings.bwlimit, clock=clock)
        self._lock = threading.Lock()
        self._watches: set[SocketWatch] = set()
        self._aborted = False

    @contextmanager
    def open_client(self) -> Iterator[Client]:
        """A client with connections of its own; enter and leave it in the thread that uses it."""
        watch = SocketWatch()
        session = HttpSession(self._settings, watch, self._clock)
        self._register(watch)
        try:
            gallery = self._kind(self._settings, GalleryContext(self._http(session), self._outcomes, self._shared))
            with closing(gallery):
                yield Client(gallery, self._make_retry_policy, self._rate_control, self._circuit_breaker)
        finally:
            session.close()
            with self._lock:
                self._watches.discard(watch)

    def abort(self) -> None:
        """End every upload now: whoever reads or writes wakes, whoever starts is refused.

        Call it after the `stop` of every upload is set: whoever waits for time to pass wakes by that.
        Only a worker that is still looking up a name or waiting for a connection needs up to
        `connect_timeout_s`. Never waits; may be called more than once, from any thread.
        """
        with self._lock:
            self._aborted = True
            watches = list(self._watches)
        self._rate_control.abort()
        for watch in watches:
            watch.abort()

    def _register(self, watch: SocketWatch) -> None:
        with self._lock:
            self._watches.add(watch)
            aborted = self._aborted
        if aborted:
            watch.abort()

    def _http(self, session: HttpSession) -> Http:
        return Http(
            self._settings,
            session,
            endpoint_status=self._endpoint_status,
            outcomes=self._outcomes,
            clock=self._clock,
            bandwidth=self._bandwidth,
        )

    def _make_retry_policy(self) -> RetryPolicy:
        return RetryPolicy(
            self._settings, self._endpoint_status, outcomes=self._outcomes, clock=self._clock, random=self._random
        )


def secrets_of(settings: UploadSettings) -> tuple[str, ...]:
    """What must never be shown: the token, and how it looks inside a Basic login."""
    if not settings.token:
        return ()
    if settings.username is None:
        return (settings.token,)
    return settings.token, b64encode(f"{settings.username}:{settings.token}".encode()).decode()


def _check_token(settings: UploadSettings) -> None:
    """A token with a line end or a letter beyond ASCII would fail inside a header, in a message that shows it.

    A password goes out in Base64, so it may have any letters and spaces.
    """
    token = settings.token or ""
    if not token.isprintable() or (settings.username is None and (not token.isascii() or " " in token)):
        raise UsageError("the token holds a space, a line end or a character that cannot be sent: check its file")
