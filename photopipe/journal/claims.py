"""Who works on which content right now, so that twins on the line are not uploaded twice."""

from collections.abc import Callable
from threading import Condition

from photopipe.errors import RunStopped


class Claims:
    """Content being worked on in this run; the second file with the same content waits for the first.

    Waiting cannot deadlock: whoever holds a claim is further down the line than whoever waits.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._held: set[str] = set()

    def take(self, source_sha256: str, is_stopped: Callable[[], bool]) -> None:
        """Claim some content, waiting until nobody else holds it.

        Raises:
            RunStopped: the line was aborted meanwhile.
        """
        with self._changed:
            self._changed.wait_for(lambda: source_sha256 not in self._held or is_stopped())
            if source_sha256 in self._held:
                raise RunStopped("stopped while another file with the same content was on the line")
            self._held.add(source_sha256)

    def take_at_once(self, source_sha256: str) -> bool:
        """Claim some content without waiting; False if somebody else holds it."""
        with self._changed:
            is_free = source_sha256 not in self._held
            self._held.add(source_sha256)
            return is_free

    def release(self, source_sha256: str) -> None:
        """Let go of some content."""
        with self._changed:
            self._held.discard(source_sha256)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let everybody who waits look at `is_stopped` again."""
        with self._changed:
            self._changed.notify_all()
