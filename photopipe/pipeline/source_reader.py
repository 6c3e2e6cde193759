"""The thread that pulls the source, and closes it in this same thread on every path."""

from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from time import monotonic
from typing import Any

from photopipe.pipeline.closable_queue import QueueAborted
from photopipe.pipeline.parcel import Finished, Parcel
from photopipe.pipeline.workers import Outlet
from photopipe.stop_token import StopToken


class SourceReader(Thread):
    """Pulls payloads, numbers them and puts them on the line until the source ends or `draining` is set.

    Args:
        source: any iterable; generators are closed here, in the thread that pulled them.
        out_queue: the first stage's queue; `producer_done` is called when the source has ended.
        draining: once set, nothing more is pulled.
        on_error: called with the exception that ended the source.

    Attributes:
        pulled: how many payloads the source has given.
        in_hand: the parcel not yet on the line, or None.
    """

    def __init__(
        self,
        source: Iterable[Any],
        out_queue: Outlet,
        draining: StopToken,
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__(name="source", daemon=False)
        self._source = source
        self._out_queue = out_queue
        self._draining = draining
        self.pulled = 0
        self._on_error = on_error
        self.in_hand: Parcel | None = None

    def run(self) -> None:
        """Pull everything; a source that fails ends like an empty one, and `on_error` is called."""
        try:
            self._pull_and_close()
        except QueueAborted:
            return
        except BaseException as error:  # noqa: BLE001 - a thread has no caller: whatever it is, it is reported
            self._on_error(error)
        self._out_queue.producer_done()

    def _pull_and_close(self) -> None:
        iterator = iter(self._source)
        try:
            self._pull_all(iterator)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def _pull_all(self, iterator: Iterator[Any]) -> None:
        while not self._draining.is_set():
            try:
                payload = next(iterator)
            except StopIteration:
                return
            finished = isinstance(payload, Finished)
            self.in_hand = Parcel(self.pulled, payload.value if finished else payload, monotonic(), finished=finished)
            del payload
            self.pulled += 1
            self._out_queue.put(self.in_hand)
            self.in_hand = None
