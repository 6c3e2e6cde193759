"""How long the server is patient with clients, and whether one sends or reads fast enough."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Patience:
    """What a client is given.

    Attributes:
        header_s: to send the header of a request, once it has begun.
        idle_s: between two requests.
        window_s: to send or read `slowest_bytes_per_s` on average, again and again until it is done.
        slowest_bytes_per_s: even a bad mobile connection is several times faster.
        look_every_s: how often connections are looked at.
        most_connections: with more of them, the one that has waited longest for its client is closed.
    """

    header_s: float = 20.0
    idle_s: float = 120.0
    window_s: float = 60.0
    slowest_bytes_per_s: float = 1000.0
    look_every_s: float = 5.0
    most_connections: int = 500


USUAL_PATIENCE: Final = Patience()


class Pace:
    """Measures one body that arrives, or one answer that is sent.

    Args:
        patience: what is demanded.
        now_s: when it began.
        bytes_before: the count of bytes at that moment.
    """

    def __init__(self, patience: Patience, now_s: float, bytes_before: int) -> None:
        self._patience = patience
        self._since_s = now_s
        self._bytes = bytes_before

    def is_too_slow(self, now_s: float, bytes_now: int) -> bool:
        """True if a window is over, and too little has come or gone in it."""
        passed_s = now_s - self._since_s
        if passed_s < self._patience.window_s:
            return False
        wanted = passed_s * self._patience.slowest_bytes_per_s
        is_slow = bytes_now - self._bytes < wanted
        self._since_s, self._bytes = now_s, bytes_now
        return is_slow
