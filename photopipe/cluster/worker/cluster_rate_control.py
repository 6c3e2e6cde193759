"""The rate control of a gallery whose uploads come from many processes: pauses and the number of uploads are shared."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.flow.rate_control import RateControl


class ClusterRateControl(RateControl):
    """Gives a permit when this process may make one more request and, if they are counted, the cluster may, too.

    Args:
        settings: as for `RateControl`.
        clock: monotonic seconds.
        slot: waits for a slot that the whole cluster shares, and holds it.
        before_request: called with each permit, before the request is made; what it raises keeps it from being made.
        before_bytes: called before each piece that is sent; what it raises ends the request.
        on_pause: called with how long the gallery wants to be left alone [seconds].
    """

    def __init__(
        self,
        settings: UploadSettings,
        clock: Callable[[], float],
        *,
        slot: Callable[[StopToken], AbstractContextManager[None]],
        before_request: Callable[[], None],
        before_bytes: Callable[[], None],
        on_pause: Callable[[float], None],
    ) -> None:
        super().__init__(settings, clock)
        self._slot = slot
        self._before_request = before_request
        self._before_bytes = before_bytes
        self.on_pause = on_pause

    def before_bytes(self) -> None:
        """See the argument."""
        self._before_bytes()

    @contextmanager
    def permit(self, stop: StopToken) -> Iterator[None]:
        """As `RateControl.permit`; a pause that began while a slot was waited for is kept, too."""
        while True:
            with super().permit(stop), self._slot(stop):
                if not self.is_paused():
                    self._before_request()
                    yield
                    return
