"""Serving a folder of photos over HTTP, until told to stop."""

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable
from typing import Final, Protocol

from photopipe.errors import GalleryBroken, UsageError
from photopipe.gallery.maintenance.upkeep import upkeep
from photopipe.gallery.server.app import create_app
from photopipe.gallery.server.guards import knows_token, loopback_hosts
from photopipe.gallery.server.wsgi_server import WsgiServer
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

OWN_ADDRESS: Final = "own"


class Shutdown(Protocol):
    """What ends a server: the part of `threading.Event` that `serve` uses."""

    def wait(self) -> object:
        """Wait until the gallery has to stop."""

    def set(self) -> None:
        """Say that it has stopped."""


def serve(
    folder: str,
    *,
    host: str,
    port: int,
    token: str | None,
    public_url: str | None,
    ready: Callable[[str], None],
    stop: Shutdown,
) -> None:
    """Serve the gallery in a folder.

    Args:
        folder: the gallery's folder; created if absent.
        host: address to listen at. Only this computer can reach `127.0.0.1`.
        port: port to listen at; 0 for any free one.
        token: what requests must bring; None for an open gallery, on loopback only.
        public_url: address that photos are linked under; `OWN_ADDRESS` for the one the server
            listens at; None to link the files themselves, for a server that ends with its run.
        ready: called once with the server's address, when connections are already accepted.
        stop: set it to end. Requests in progress are finished, for a few seconds at most. It is
            set when this function returns, whatever the reason.

    Raises:
        GalleryBroken: the folder cannot be used, or the port is not free.
        UsageError: other computers could write without a token.
    """
    listener = _bind(host, port)
    try:
        address, is_loopback = _address_of(listener)
        if token is None and not is_loopback:
            raise UsageError(f"a gallery at {host} can be reached by other computers: give it a token")
        _silence_waitress()
        with PhotoStore(folder) as store, Thumbnails(folder) as thumbnails:
            app = create_app(
                store,
                thumbnails,
                token=token,
                public_url=address if public_url == OWN_ADDRESS else public_url,
                own_hosts=loopback_hosts(listener.getsockname()[1]) if is_loopback else None,
            )

            def may_send(path: str, authorization: str) -> bool:
                return token is None or knows_token(path, authorization, token)

            with upkeep(store):
                _run(WsgiServer(app, listener, may_send), lambda: ready(address), stop)
    finally:
        listener.close()
        stop.set()


def _run(server: WsgiServer, announce: Callable[[], None], stop: Shutdown) -> None:
    def wait_for_stop() -> None:
        stop.wait()
        server.stop()

    waiter = threading.Thread(target=wait_for_stop, name="gallery-stop")
    waiter.start()
    try:
        announce()
        server.run()
    finally:
        stop.set()
        waiter.join()
        server.close()


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        why = error.strerror or str(error)
        raise GalleryBroken(f"the gallery cannot listen at {host} port {port}: {why}. Choose another port.") from error
    return listener


def _address_of(listener: socket.socket) -> tuple[str, bool]:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}", ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _silence_waitress() -> None:
    # It warns whenever a request waits for a thread, which is how eight threads are meant to work.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
