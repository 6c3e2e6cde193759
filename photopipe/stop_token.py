"""The one way to end a run at once: a token that every wait listens to."""

from collections.abc import Callable
from threading import Event, Lock
from typing import Final


class StopToken:
    """Set once, when the run is to end at once; never reset.

    Code that waits for time to pass uses `wait`, never `sleep`. Code that waits for something else (a condition, a
    socket, a process) registers with `on_set` what ends that wait.
    """

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._registered = 0

    def is_set(self) -> bool:
        """True once the run is to end."""
        return self._event.is_set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait up to `timeout_s` seconds; True if the run is to end."""
        return self._event.wait(timeout_s)

    def set(self) -> None:
        """End the run: wake every wait. May be called more than once, from any thread."""
        self._event.set()
        with self._lock:
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def on_set(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call something once, as soon as the token is set; at once if it is set already.

        Args:
            callback: called in the thread that sets the token; it must neither wait nor raise.

        Returns:
            A function that cancels the registration.
        """
        with self._lock:
            self._registered += 1
            number = self._registered
            self._callbacks[number] = callback
        if self._event.is_set():
            self._call(number)

        def forget() -> None:
            self._forget(number)

        return forget

    def _call(self, number: int) -> None:
        """Call one registration, unless the thread that sets the token has taken it."""
        callback = self._forget(number)
        if callback is not None:
            callback()

    def _forget(self, number: int) -> Callable[[], None] | None:
        with self._lock:
            return self._callbacks.pop(number, None)


NEVER: Final = StopToken()
"""The token of a run that cannot be stopped."""
