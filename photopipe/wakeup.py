"""How the source's thread waits until there is something to do."""

from threading import Event


class Wakeup:
    """What one thread waits for, and any thread can end; a wake-up that comes early is not lost."""

    def __init__(self) -> None:
        self._event = Event()

    def wake(self) -> None:
        """End the wait, or the next one. Never waits."""
        self._event.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait up to `timeout_s` seconds for a wake-up since the last wait.

        What is waited for must be looked at again afterwards: the time may have passed, or the wake-up may have been
        meant for something else.
        """
        self._event.wait(timeout_s)
        self._event.clear()
