"""A worker's connections to the galleries of a run, which keep to what the whole cluster may do."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from photopipe.cluster.protocol.engine import WorkerContext
from photopipe.cluster.protocol.messages import RunSpec
from photopipe.cluster.worker.cluster_rate_control import ClusterRateControl
from photopipe.errors import RunStopped
from photopipe.settings import UploadSettings
from photopipe.stages import Destination, GallerySession
from photopipe.stages.sending import Sending
from photopipe.stop_token import StopToken
from photopipe.upload.http.bandwidth import Bandwidth


class LeaseExpired(RunStopped):
    """A photo may not be sent any more by this worker; another one may have it."""


class WorkerGalleries:
    """The galleries of a run in one worker process; used by all its threads.

    Args:
        spec: the run.
        context: the worker's.
        stop: set when the run is to end at once.

    Attributes:
        slots: as in `Delivery`.
        bandwidth: what all galleries share here, or None for no limit.
    """

    def __init__(self, spec: RunSpec, context: WorkerContext, stop: StopToken) -> None:
        self.slots: Mapping[str, int] = {}
        limit = next((upload.bwlimit for _, upload in spec.galleries), None)
        self.bandwidth = None if limit is None else Bandwidth(limit)
        self._spec = spec
        self._context = context
        self._stop = stop
        self._lock = threading.Lock()
        self._closing = ExitStack()
        self._mine = threading.local()
        self._rate_controls: dict[str, ClusterRateControl] = {}
        self._destinations = {
            gallery_id: Destination(gallery_id, upload, self._session(gallery_id, upload))
            for gallery_id, upload in spec.galleries
        }

    def sending(self, gallery_id: str) -> Sending:
        """This thread's connections to a gallery."""
        mine: dict[str, Sending] = self._mine.__dict__.setdefault("sending", {})
        if gallery_id not in mine:
            destination = self._destinations[gallery_id]
            opened = destination.session.uploader().open_client()
            with self._lock:
                client = self._closing.enter_context(opened)
            mine[gallery_id] = Sending(destination, self._spec.recipes, client)
        return mine[gallery_id]

    @contextmanager
    def until(self, begin_until_s: float) -> Iterator[Callable[[Any], None]]:
        """Let this thread make requests in the block until a moment [seconds since 1970].

        Yields:
            A function that raises if that moment is over, whatever it is given.

        Raises:
            LeaseExpired: there was to be a request later.
        """
        self._mine.begin_until_s, self._mine.looked_s = begin_until_s, time.time()
        try:
            yield lambda _photo: self.check_lease()
        finally:
            del self._mine.begin_until_s

    def pause(self, gallery_id: str, seconds: float) -> None:
        """Make no request to a gallery for so long."""
        with self._lock:
            rate_control = self._rate_controls.get(gallery_id)
        if rate_control is not None:
            rate_control.pause(seconds)

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            self._closing.close()

    def _session(self, gallery_id: str, upload: UploadSettings) -> GallerySession:
        def make(settings: UploadSettings, clock: Callable[[], float]) -> ClusterRateControl:
            rate_control = ClusterRateControl(
                *(settings, clock),
                slot=lambda stop: self._slot(gallery_id, stop),
                before_request=self.check_lease,
                before_bytes=self.check_pause,
                on_pause=lambda seconds: self._context.tell_driver((self._spec.run, "pause", gallery_id, seconds)),
            )
            with self._lock:
                self._rate_controls[gallery_id] = rate_control
            return rate_control

        return GallerySession(upload, "", self.bandwidth, self._stop, make)

    def _slot(self, gallery_id: str, stop: StopToken) -> AbstractContextManager[None]:
        limit = self.slots.get(gallery_id)
        if limit is None:
            return nullcontext()
        return self._context.slot(f"{self._spec.run}-{gallery_id}", limit, stop)

    def check_pause(self) -> None:
        """Send nothing more if this process was paused, or its clock jumped, for as long as what it began may take.

        Raises:
            LeaseExpired: it was.
        """
        now_s = time.time()
        paused_s, self._mine.looked_s = now_s - getattr(self._mine, "looked_s", now_s), now_s
        if abs(paused_s) > self._spec.most_pause_s:
            raise LeaseExpired("this worker was paused while it sent the photo, and another one may have it")

    def check_lease(self) -> None:
        """Make no request after the moment that `until` was given.

        Raises:
            LeaseExpired: it is over, or the process was paused.
        """
        self.check_pause()
        if time.time() >= getattr(self._mine, "begin_until_s", float("inf")):
            raise LeaseExpired("the time in which this worker may send the photo is over")
