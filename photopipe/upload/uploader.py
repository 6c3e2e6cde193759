"""One run's uploads to one gallery, shared by all upload workers."""

import random as random_numbers
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from photopipe.settings import UploadSettings
from photopipe.upload.client import UploadClient
from photopipe.upload.flow.circuit_breaker import CircuitBreaker
from photopipe.upload.flow.rate_control import RateControl
from photopipe.upload.flow.retry_policy import RetryPolicy
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.kinds import gallery_class
from photopipe.upload.galleries.shared import Shared
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import UploadErrors

if TYPE_CHECKING:
    from photopipe.http.connection import SocketWatch
    from photopipe.upload.http.http_client import HttpClient


class Uploader:
    """One run's uploads to one gallery, shared by all upload workers.

    Args:
        settings: where to and how long to try; as `check_gallery_settings` returns them, and with an address.
        clock: monotonic seconds.
        random: 0 to 1, for the spread of waits.
        bandwidth: what all galleries of a run share; None makes one of `settings.bwlimit`, if that is set.
        make_rate_control: makes the limits of how many uploads run at the same time, and when.
    """

    def __init__(
        self,
        settings: UploadSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random_numbers.random,
        bandwidth: Bandwidth | None = None,
        make_rate_control: Callable[[UploadSettings, Callable[[], float]], RateControl] = RateControl,
    ) -> None:
        self._kind = gallery_class(settings.kind)
        self._settings = settings
        self._clock = clock
        self._random = random
        self._endpoint_status = EndpointStatus(clock)
        self._errors = UploadErrors(settings.endpoint_url or "", secrets_of(settings))
        self._shared = Shared()
        self._rate_control = make_rate_control(self._limited(), clock) if self._kind.IS_REMOTE else None
        if bandwidth is None and settings.bwlimit is not None:
            bandwidth = Bandwidth(settings.bwlimit, clock=clock)
        self._bandwidth = bandwidth
        self._lock = threading.Lock()
        self._watches: set[SocketWatch] = set()
        self._aborted = False

    @contextmanager
    def open_client(self) -> Iterator[UploadClient]:
        """A client with connections of its own; enter and leave it in the thread that uses it."""
        with ExitStack() as connections:
            open_http = partial(self._open_http, connections)
            context = GalleryContext(self._errors, self._shared, bandwidth=self._bandwidth, open_http=open_http)
            with closing(self._kind(self._settings, context)) as gallery:
                yield UploadClient(
                    gallery,
                    self._endpoint_status,
                    self._rate_control,
                    make_retry_policy=self._make_retry_policy,
                    make_circuit_breaker=self._make_circuit_breaker,
                )

    def abort(self) -> None:
        """End every upload now: workers that read or write wake up, and no new upload starts.

        Call it after the `stop` of every upload is set, which wakes those that wait for time to pass.
        Only a worker that is still looking up a name or waiting for a connection needs up to
        `connect_timeout_s`. Never waits; may be called more than once, from any thread.
        """
        with self._lock:
            self._aborted = True
            watches = list(self._watches)
        if self._rate_control is not None:
            self._rate_control.abort()
        for watch in watches:
            watch.abort()

    def _open_http(self, connections: ExitStack, context: GalleryContext) -> "HttpClient":
        """One worker's HTTP connections, closed with `connections`."""
        from photopipe.http.connection import SocketWatch
        from photopipe.upload.http.http_client import HttpClient
        from photopipe.upload.http.http_session import HttpSession

        watch = SocketWatch()
        if self._rate_control is not None:
            watch.before_bytes = self._rate_control.before_bytes
        session = HttpSession(self._settings, watch, self._clock)
        connections.callback(session.close)
        self._register(watch)
        connections.callback(self._unregister, watch)
        return HttpClient(
            self._settings,
            session,
            endpoint_status=self._endpoint_status,
            errors=self._errors,
            clock=self._clock,
            bandwidth=self._bandwidth,
            stop=lambda: context.stop,
        )

    def _register(self, watch: "SocketWatch") -> None:
        with self._lock:
            self._watches.add(watch)
            aborted = self._aborted
        if aborted:
            watch.abort()

    def _unregister(self, watch: "SocketWatch") -> None:
        with self._lock:
            self._watches.discard(watch)

    def _limited(self) -> UploadSettings:
        return replace(self._settings, workers=most_transfers(self._settings))

    def _make_retry_policy(self) -> RetryPolicy:
        return RetryPolicy(
            self._settings, self._endpoint_status, errors=self._errors, clock=self._clock, random=self._random
        )

    def _make_circuit_breaker(self) -> CircuitBreaker:
        return CircuitBreaker(self._endpoint_status, self._errors)


def most_transfers(settings: UploadSettings) -> int:
    """How many uploads at the same time the settings and the kind of gallery allow."""
    return min(settings.workers, gallery_class(settings.kind).MAX_TRANSFERS or settings.workers)


def secrets_of(settings: UploadSettings) -> tuple[str, ...]:
    """What must never be shown: the token, and how it looks inside a Basic login."""
    if not settings.token:
        return ()
    if settings.username is None:
        return (settings.token,)
    return settings.token, b64encode(f"{settings.username}:{settings.token}".encode()).decode()
