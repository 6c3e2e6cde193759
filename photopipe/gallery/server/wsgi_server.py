"""waitress, started and stopped by us: a stop wakes it at once, and it finishes what is in progress."""

import socket
import time
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore  # type: ignore[import-untyped] # waitress ships no types
from waitress.adjustments import Adjustments  # type: ignore[import-untyped] # waitress ships no types
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.server.connection import Connection
from photopipe.gallery.server.incoming_request import BodyPolicy
from photopipe.gallery.server.pace import USUAL_PATIENCE, Patience

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 32
"""Three quarters of them may wait for thumbnails, see `thumbnails.MOST_WAITING`; the others still answer."""
_KEEP_IN_MEMORY_BYTES: Final = 16 << 20
_READ_BYTES: Final = 1 << 16
_LARGEST_HEADER_BYTES: Final = 1 << 15
_NO_LIMIT: Final = 1 << 62
"""`BodyPolicy` has a limit for each address, which is checked as early."""
_SPARE_CONNECTIONS: Final = 20
"""Beyond the most, so that one that is just closed is not in the way; with more, nothing is accepted."""
_IDLE_WAKE_S: Final = 30.0
_END_S: Final = 5.0


class WsgiServer:
    """Serves an application on a bound socket; it listens as soon as it exists.

    Args:
        app: what answers.
        listener: bound socket; the server closes it.
        events: writes to the connections whose answer is a stream of events; the server closes it.
        bodies: whose body is read; others are refused at once.
        patience: how slow clients may be, and how many there may be at once.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        listener: socket.socket,
        events: EventStream,
        bodies: BodyPolicy,
        patience: Patience = USUAL_PATIENCE,
    ) -> None:
        self._map: dict[int, Any] = {}
        self._stopping = False
        self._patience = patience
        self._look_at_s = 0.0
        settings = Adjustments(
            sockets=[listener],
            threads=THREADS,
            ident="photopipe-gallery",
            recv_bytes=_READ_BYTES,
            clear_untrusted_proxy_headers=False,  # `OwnSite` decides when they are believed
            inbuf_overflow=_KEEP_IN_MEMORY_BYTES,
            connection_limit=patience.most_connections + _SPARE_CONNECTIONS,
            max_request_header_size=_LARGEST_HEADER_BYTES,
            max_request_body_size=_NO_LIMIT,
        )
        self._server = _Server(app, settings, listener, self._map, patience)
        self._server.bodies = bodies
        self._server.events = self._events = events

    def run(self) -> None:
        """Answer until `stop` is called, then finish what is in progress, for `_END_S` at most."""
        while not self._stopping:
            timeout_s = self._patience.look_every_s if self._server.active_channels else _IDLE_WAKE_S
            wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._map, count=1)
            self._end_slow_connections()
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

    def _end_slow_connections(self) -> None:
        now_s = time.monotonic()
        if now_s < self._look_at_s:
            return
        self._look_at_s = now_s + self._patience.look_every_s
        for connection in list(self._server.active_channels.values()):
            if connection.is_overdue(now_s, self._patience):
                connection.handle_close()

    def _is_busy(self) -> bool:
        return any(
            connection.requests or connection.is_asking or connection.total_outbufs_len
            for connection in list(self._server.active_channels.values())
        )


class _Server(TcpWSGIServer):  # type: ignore[misc] # waitress ships no types
    """waitress's server on a bound socket, with our connections and our patience."""

    channel_class = Connection
    active_channels: dict[int, Connection]
    bodies: BodyPolicy
    events: EventStream

    def __init__(
        self,
        app: "WSGIApplication",
        settings: Adjustments,
        listener: socket.socket,
        sockets: dict[int, Any],
        patience: Patience,
    ) -> None:
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(app, sockets, _sock=listener, adj=settings, sockinfo=address, bind_socket=False)
        self._patience = patience

    def maintenance(self, now: float) -> None:
        """Nothing: waitress would end connections only once they can be written to, which those that hang cannot."""

    def handle_accept(self) -> None:
        """Take a new connection, and close an older one if there are too many."""
        super().handle_accept()
        if len(self.active_channels) > self._patience.most_connections:
            waiting = [connection for connection in self.active_channels.values() if connection.is_waiting]
            if waiting:
                min(waiting, key=lambda connection: connection.waiting_since_s).handle_close()
