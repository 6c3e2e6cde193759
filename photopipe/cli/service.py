"""What systemd is told about a run that it has started.

Source: sd_notify(3), sd_watchdog_enabled(3), systemd.service(5).
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from photopipe.report import Account, RunListener, RunView

if TYPE_CHECKING:
    from socket import socket

STATUS_EVERY_S: Final = 5.0


class Service(RunListener):
    """The socket of the service manager; nothing happens if there is none.

    Used by the main thread only: while it tells that the run is alive, photos that come off the line are accounted
    for. A thread of the line that dies ends the run by itself.

    Args:
        environment: where systemd leaves the socket's address and the longest silence it allows.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._socket = _datagram_socket() if self._address else None
        self._alive_every_s = _half_of_watchdog_s(environment)
        self._alive_at_s = self._status_at_s = 0.0
        self._status = ""
        self._is_ready = self._is_stopping = False
        self._run: RunView | None = None

    def started(self, run: RunView) -> None:
        """Tell about this run."""
        self._run = run

    def tick(self) -> None:
        """Say what is to be said by now; cheap enough to call after every photo."""
        if self._socket is None or self._run is None:
            return
        if self._run.stopped_by is not None and not self._is_stopping:
            self.stopping(0)
        now_s = time.monotonic()
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")
        if self._alive_every_s is not None and now_s >= self._alive_at_s:
            self._alive_at_s = now_s + self._alive_every_s
            self._tell("WATCHDOG=1")
        if now_s >= self._status_at_s:
            self._status_at_s = now_s + STATUS_EVERY_S
            self._tell_status(self._run.account)

    def stopping(self, signals_received: int) -> None:  # noqa: ARG002  # only that there is one matters
        """Say that no more photos are taken."""
        self._is_stopping = True
        self._tell("STOPPING=1")

    def close(self) -> None:
        """Say nothing more."""
        if self._socket is not None:
            self._socket.close()

    def _tell_status(self, account: Account) -> None:
        status = f"{account.found} found, {account.uploaded} uploaded, {account.failed} failed"
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def _tell(self, message: str) -> None:
        if self._socket is None:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError):  # photos are more important than what the service manager knows
            self._socket.sendto(message.encode(), address)


def _half_of_watchdog_s(environment: Mapping[str, str]) -> float | None:
    """How often to say that the run is alive; None if nobody waits for that."""
    watchdog_us, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not watchdog_us.isdecimal() or process not in {"", str(os.getpid())}:
        return None
    return int(watchdog_us) / 2e6


def _datagram_socket() -> "socket":
    import socket

    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
