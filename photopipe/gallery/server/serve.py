"""Serving a folder of photos over HTTP, until told to stop."""

import ipaddress
import logging
import resource
import shlex
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from photopipe.errors import GalleryBroken, UsageError
from photopipe.gallery.access.access_file import AccessFile
from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.credentials import Credentials, given_token
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.api.photo_url import OWN_ADDRESS
from photopipe.gallery.maintenance.upkeep import upkeep
from photopipe.gallery.server.app import DEFAULT_TITLE, create_app, upload_limit_bytes
from photopipe.gallery.server.incoming_request import BodyPolicy
from photopipe.gallery.server.pace import USUAL_PATIENCE, Patience
from photopipe.gallery.server.wsgi_server import WsgiServer
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

OPEN_FILES: Final = 4096


class Shutdown(Protocol):
    """What ends a server: the part of `threading.Event` that `serve` uses."""

    def wait(self) -> object:
        """Wait until the gallery has to stop."""

    def set(self) -> None:
        """Say that it has stopped."""


@dataclass(frozen=True, slots=True)
class Openness:
    """Who is let in without a token or a password; see `AccessPolicy`.

    Attributes:
        is_public: anybody may view, wherever they are.
        is_private: nobody, not even on this machine.
    """

    is_public: bool = False
    is_private: bool = False


def serve(
    folder: str,
    *,
    host: str,
    port: int,
    token: str | None,
    public_url: str | None,
    ready: Callable[[str], None],
    stop: Shutdown,
    openness: Openness = Openness(),
    title: str = DEFAULT_TITLE,
    patience: Patience = USUAL_PATIENCE,
) -> None:
    """Serve the gallery in a folder.

    Args:
        folder: the gallery's folder; created if absent.
        host: address to listen at. Only this computer can reach `127.0.0.1`.
        port: port to listen at; 0 for any free one.
        token: one that is valid beside those kept in the folder, or None.
        public_url: address that visitors use, and that photos are linked under; `OWN_ADDRESS` for the one they have
            typed; None to link the files themselves, for a server that ends with its run.
        ready: called once with the server's address, when connections are already accepted.
        stop: set it to end. Requests in progress are finished, for a few seconds at most. It is
            set when this function returns, whatever the reason.
        openness: who is let in without a token or a password.
        title: what the pages call the gallery.
        patience: how slow clients may be.

    Raises:
        GalleryBroken: the folder cannot be used, or the port is not free.
        UsageError: other computers could reach it, and a token or a password is missing.
    """
    site = OwnSite(None if public_url == OWN_ADDRESS else public_url)
    listener = _bind(host, port)
    try:
        address, is_loopback = _address_of(listener)
        is_local = is_loopback and not site.is_known_elsewhere
        access_file = AccessFile(folder, given_token(token) if token is not None else None)
        if not is_local:
            _require_credentials(folder, access_file.read(), is_public=openness.is_public)
        access = AccessPolicy(
            site, access_file, is_local=is_local, is_public=openness.is_public, is_private=openness.is_private
        )
        _silence_waitress()
        _allow_open_files()
        with PhotoStore(folder) as store, Thumbnails(folder) as thumbnails:
            events = EventStream(folder)
            app = create_app(
                store,
                thumbnails,
                events,
                access=access,
                public_url=site.public_url or public_url,
                title=title,
            )
            bodies = BodyPolicy(access, upload_limit_bytes(store))
            with upkeep(store):
                _run(WsgiServer(app, listener, events, bodies, patience), lambda: ready(address), stop)
    finally:
        listener.close()
        stop.set()


def _require_credentials(folder: str, credentials: Credentials, *, is_public: bool) -> None:
    option = f"--gallery-dir {shlex.quote(folder)}"
    missing = []
    if not credentials.tokens:
        missing.append(f"a token for those who send photos (photopipe gallery {option} token add NAME)")
    if credentials.password is None and not is_public:
        missing.append(
            f"a password for those who look at them (photopipe gallery {option} password; "
            "or let everybody look, with --public)"
        )
    if missing:
        raise UsageError(f"other computers can reach this gallery; it first needs {' and '.join(missing)}.")


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
    # It warns whenever a request waits for a thread, which is nothing unusual.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _allow_open_files() -> None:
    """Have room for every connection with the files behind it, where the system's first limit is low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems have a limit of their own; then there is less room
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
