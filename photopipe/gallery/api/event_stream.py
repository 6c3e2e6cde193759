"""Tells open pages that photos have come or gone: one thread writes server-sent events to all of them.

Source: HTML Living Standard, section "Server-sent events".
"""

import json
import sqlite3
import threading
import time
from collections.abc import Collection
from typing import Final, Protocol

from photopipe.gallery.api.index_watch import IndexWatch

EVENT_STREAM_TYPE: Final = "text/event-stream"
MOST_LISTENERS: Final = 300
EVERY_S: Final = 1.0
"""How often the index is looked at while somebody listens; no listener hears more often than that."""
HEARTBEAT_S: Final = 20.0
"""After so long without an event, a comment shows that the connection lives: the server's own timeouts are longer."""
FIRST_LINE: Final = b"retry: 3000\n\n"
"""What every stream begins with: a browser that loses the connection comes back after three seconds."""
_HEARTBEAT: Final = b":\n\n"


class Listener(Protocol):
    """An open connection that events are written to; both are called from the stream's thread."""

    def send_event(self, event: bytes) -> bool:
        """Send, without waiting for anything; False if the connection is closed."""

    def end_events(self) -> None:
        """End the answer and close the connection."""


class EventStream:
    """Every open connection to `/api/events`, and the thread that writes to them.

    The thread starts with the first listener. It looks at the index once a second while somebody listens, and waits
    without waking while nobody does.

    Args:
        folder: the gallery's folder.
        most: how many may listen.
        heartbeat_s: after so many seconds without an event, a comment is sent.
    """

    def __init__(self, folder: str, *, most: int = MOST_LISTENERS, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._folder = folder
        self._most = most
        self._heartbeat_s = heartbeat_s
        self._changed = threading.Condition()
        self._greeted: set[Listener] = set()
        self._newcomers: set[Listener] = set()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def has_room(self) -> bool:
        """True if one more may listen."""
        with self._changed:
            return self._has_room()

    def add(self, listener: Listener) -> bool:
        """Send events to a connection from now on, the first one at once; False if there is no room."""
        with self._changed:
            if not self._has_room():
                return False
            self._newcomers.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gallery-events")
                self._thread.start()
            self._changed.notify()
            return True

    def forget(self, listener: Listener) -> None:
        """Send nothing more to a connection, which is closed; nothing happens if it did not listen."""
        with self._changed:
            self._greeted.discard(listener)
            self._newcomers.discard(listener)

    def listeners(self) -> int:
        """How many listen."""
        with self._changed:
            return len(self._greeted) + len(self._newcomers)

    def close(self) -> None:
        """End every answer, and the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _has_room(self) -> bool:
        return not self._is_closed and len(self._greeted) + len(self._newcomers) < self._most

    def _run(self) -> None:
        while self._somebody_listens():
            try:
                with IndexWatch(self._folder) as watch:
                    self._serve(watch)
            except (sqlite3.Error, OSError):
                # Browsers come back by themselves, and are told what is wrong with the index by the API.
                self._end_all()
        self._end_all()

    def _somebody_listens(self) -> bool:
        """Wait until somebody does; False if the stream was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._newcomers or self._greeted)
            return not self._is_closed

    def _serve(self, watch: IndexWatch) -> None:
        """Write events until nobody listens any more, or the stream is closed.

        Raises:
            sqlite3.Error: the index cannot be read.
        """
        event, look_at = b"", 0.0
        heartbeat_at = time.monotonic() + self._heartbeat_s
        while self._wait_until(look_at):
            now = time.monotonic()
            earlier, newcomers = self._take_newcomers()
            if now >= look_at:
                look_at = now + EVERY_S
                if watch.has_changed():
                    event, heartbeat_at = _event(watch.photos()), now + self._heartbeat_s
                    self._send(event, earlier)
            self._send(event, newcomers)
            if now >= heartbeat_at:
                heartbeat_at = now + self._heartbeat_s
                self._send(_HEARTBEAT, earlier)

    def _wait_until(self, look_at: float) -> bool:
        """Wait until then, or until somebody new listens; False if nobody listens, or the stream is closed."""
        with self._changed:
            left_s = max(0.0, look_at - time.monotonic())
            self._changed.wait_for(lambda: self._is_closed or self._newcomers, left_s)
            return not self._is_closed and bool(self._newcomers or self._greeted)

    def _take_newcomers(self) -> tuple[Collection[Listener], Collection[Listener]]:
        """Those who have had their first event, and those who now get it."""
        with self._changed:
            earlier, newcomers = list(self._greeted), list(self._newcomers)
            self._greeted |= self._newcomers
            self._newcomers.clear()
            return earlier, newcomers

    def _send(self, event: bytes, listeners: Collection[Listener]) -> None:
        for listener in listeners:
            if not listener.send_event(event):
                self.forget(listener)

    def _end_all(self) -> None:
        with self._changed:
            everybody = [*self._greeted, *self._newcomers]
            self._greeted.clear()
            self._newcomers.clear()
        for listener in everybody:
            listener.end_events()


def _event(photos: int) -> bytes:
    return f"event: photos\ndata: {json.dumps({'photos': photos})}\n\n".encode()
