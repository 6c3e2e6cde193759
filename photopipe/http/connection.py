"""Connections that another thread can shut down, and that do not fail because an uplink is slow."""

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

PIECE_BYTES: Final = 64 * 1024


class SocketWatch:
    """The sockets of one client, as the thread that aborts sees them.

    It holds a duplicate of each descriptor, so shutting one down can never hit a number that has
    been closed and given to another file meanwhile, and it reaches the connection whatever has
    been wrapped around it (TLS, a proxy's tunnel).

    Attributes:
        before_bytes: called before each piece that is sent; what it raises ends the connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[HTTPConnection, socket.socket] = {}
        self._aborted = False
        self.before_bytes: Callable[[], None] = lambda: None

    @property
    def aborted(self) -> bool:
        """True once `abort` was called."""
        with self._lock:
            return self._aborted

    def opened(self, connection: HTTPConnection, sock: socket.socket) -> None:
        """Watch the socket of a connection.

        Raises:
            ConnectionAbortedError: `abort` came before.
        """
        with self._lock:
            if self._aborted:
                raise ConnectionAbortedError("aborted before the connection was used")
            earlier = self._held.pop(connection, None)
            if earlier is not None:
                earlier.close()
            self._held[connection] = sock.dup()

    def forget_closed(self) -> None:
        """Forget connections that are closed; only for the client's own thread, between two requests.

        A connection counts as closed while its last answer is still being read, so this must not
        happen as soon as urllib3 closes it.
        """
        with self._lock:
            for connection in [held for held in self._held if held.sock is None]:
                self._held.pop(connection).close()

    def abort(self) -> None:
        """Wake whoever reads or writes on these sockets, and allow no new ones."""
        with self._lock:
            self._aborted = True
            for sock in self._held.values():
                with contextlib.suppress(OSError):  # the other side was faster
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close all connections.

        urllib3 closes a pool when it is collected as garbage, which an error's traceback can delay.
        """
        with self._lock:
            for connection, sock in self._held.items():
                connection.close()
                sock.close()
            self._held.clear()


class WatchedConnection(HTTPConnection):
    """A connection whose socket is watched from the moment it exists."""

    watch: ClassVar[SocketWatch]
    send_timeout_s: ClassVar[float]

    def _new_conn(self) -> socket.socket:
        # Not `connect`: a TLS handshake and a proxy's greeting can block as well. urllib3's own
        # SOCKS connection hooks in here too.
        sock = super()._new_conn()
        try:
            self.watch.opened(self, sock)
        except OSError:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        """Send bytes, waiting up to `send_timeout_s` for each piece.

        urllib3 leaves the connect timeout on the socket while it sends, and Python takes it as the
        limit for the whole body: a photo over a slow uplink would fail after five seconds.
        """
        if self.sock is None or not isinstance(data, bytes):
            self.watch.before_bytes()
            super().send(data)
            return
        self.sock.settimeout(self.send_timeout_s)
        for start in range(0, len(data), PIECE_BYTES):
            self.watch.before_bytes()
            super().send(memoryview(data)[start : start + PIECE_BYTES])


def watched_pools(watch: SocketWatch, send_timeout_s: float) -> dict[str, type[HTTPConnectionPool]]:
    """Pool classes whose connections report to `watch`."""

    class Plain(WatchedConnection):
        pass

    class Secure(WatchedConnection, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    for connection in (Plain, Secure):
        connection.watch, connection.send_timeout_s = watch, send_timeout_s
    return {"http": PlainPool, "https": SecurePool}


class WatchedAdapter(HTTPAdapter):
    """requests' adapter on watched connections, direct or through an HTTP proxy, without retries of its own."""

    def __init__(self, watch: SocketWatch, send_timeout_s: float) -> None:
        self._pools: Mapping[str, type[HTTPConnectionPool]] = watched_pools(watch, send_timeout_s)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        """Make the pools for connections through a proxy; SOCKS keeps its own and ends by its timeouts."""
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = dict(self._pools)
        return manager


def proxies_for(url: str) -> dict[str, str]:
    """Tell requests not to use a proxy for this very machine, where no proxy could find the server.

    Browsers do the same; with `http_proxy` set, photos and secrets would go to a stranger.

    Returns:
        The `proxies` of each request; empty means that the environment decides.
    """
    host = urlsplit(url).hostname or ""
    return {"no_proxy": host} if _is_loopback(host) else {}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
