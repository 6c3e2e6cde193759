"""waitress, started and stopped by us: a stop wakes it at once, and it finishes what is in progress."""

import socket
import time
from typing import TYPE_CHECKING, Any, Final

from waitress import create_server, wasyncore  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.event_stream import MOST_LISTENERS, EventStream
from photopipe.gallery.server.connection import BodyPolicy, Connection

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 32
"""Three quarters of them may wait for thumbnails, see `thumbnails.MOST_WAITING`; the others still answer."""
_KEEP_IN_MEMORY_BYTES: Final = 16 << 20
_LARGEST_BODY_READ_BYTES: Final = 1 << 30
_OTHER_CONNECTIONS: Final = 200
_IDLE_WAKE_S: Final = 30.0
_END_S: Final = 5.0


class WsgiServer:
    """Serves an application on a bound socket; it listens as soon as it exists.

    Args:
        app: what answers.
        listener: bound socket; the server closes it.
        bodies: whose body is read; others are refused at once.
        events: writes to the connections whose answer is a stream of events; the server closes it.
    """

    def __init__(
        self, app: "WSGIApplication", listener: socket.socket, bodies: BodyPolicy, events: EventStream
    ) -> None:
        self._map: dict[int, Any] = {}
        self._stopping = False
        self._server = create_server(
            app,
            map=self._map,
            sockets=[listener],
            threads=THREADS,
            ident="photopipe-gallery",
            asyncore_use_poll=True,
            inbuf_overflow=_KEEP_IN_MEMORY_BYTES,
            connection_limit=MOST_LISTENERS + _OTHER_CONNECTIONS,
            max_request_body_size=_LARGEST_BODY_READ_BYTES,
        )
        self._server.channel_class = Connection
        self._server.bodies = bodies
        self._server.events = self._events = events

    def run(self) -> None:
        """Answer until `stop` is called, then finish what is in progress, for `_END_S` at most."""
        while not self._stopping:
            wasyncore.loop(timeout=_IDLE_WAKE_S, use_poll=True, map=self._map, count=1)
        self._events.close()
        wasyncore.loop(timeout=0, use_poll=True, map=self._map, count=1)  # sends the ends of the streams
        wasyncore.dispatcher.close(self._server)  # no new connections; the trigger that wakes us stays
        deadline = time.monotonic() + _END_S
        while self._is_busy() and (left_s := deadline - time.monotonic()) > 0:
            wasyncore.loop(timeout=left_s, use_poll=True, map=self._map, count=1)

    def stop(self) -> None:
        """End `run`; from any thread, but not after `close`."""
        self._stopping = True
        self._server.pull_trigger()

    def close(self) -> None:
        """Close every connection and end the threads."""
        self._events.close()
        self._server.task_dispatcher.shutdown(timeout=_END_S)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        wasyncore.close_all(self._map)

    def _is_busy(self) -> bool:
        return any(
            channel.requests or channel.request is not None or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )
