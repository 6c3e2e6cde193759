"""One run's uploads to one endpoint, shared by all upload workers."""

import random as random_numbers
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.client import Client
from photopipe.upload.connection import SocketWatch
from photopipe.upload.contact import Contact
from photopipe.upload.conversation import Conversation
from photopipe.upload.outcome import Outcomes
from photopipe.upload.patience import Patience
from photopipe.upload.session import GallerySession
from photopipe.upload.stop import Stop

__all__ = ["Client", "Stop", "Uploader"]


class Uploader:
    """One run's uploads to one endpoint, shared by all upload workers.

    Args:
        settings: where to and how patiently.
        clock: monotonic seconds.
        random: 0 to 1, for the spread of waits.

    Raises:
        UsageError: no endpoint, or a token that cannot be sent.
    """

    def __init__(
        self,
        settings: UploadSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random_numbers.random,
    ) -> None:
        if settings.endpoint_url is None:
            raise UsageError("no gallery to upload to: name one with --to")
        _check_token(settings.token)
        self._settings = settings
        self._clock = clock
        self._random = random
        self._contact = Contact(clock)
        self._outcomes = Outcomes(settings.endpoint_url, settings.token)
        self._lock = threading.Lock()
        self._watches: set[SocketWatch] = set()
        self._aborted = False

    @contextmanager
    def open_client(self) -> Iterator[Client]:
        """A client with connections of its own; enter and leave it in the thread that uses it."""
        watch = SocketWatch()
        session = GallerySession(self._settings, watch, self._clock)
        self._register(watch)
        try:
            yield Client(self._conversation(session), self._make_patience)
        finally:
            session.close()
            with self._lock:
                self._watches.discard(watch)

    def abort(self) -> None:
        """End every upload now: whoever reads or writes wakes, whoever starts is refused.

        Only a worker that is still looking up a name or waiting for a connection needs up to
        `connect_timeout_s`. Never waits; may be called more than once, from any thread.
        """
        with self._lock:
            self._aborted = True
            watches = list(self._watches)
        for watch in watches:
            watch.abort()

    def _register(self, watch: SocketWatch) -> None:
        with self._lock:
            self._watches.add(watch)
            aborted = self._aborted
        if aborted:
            watch.abort()

    def _conversation(self, session: GallerySession) -> Conversation:
        return Conversation(self._settings, session, contact=self._contact, outcomes=self._outcomes, clock=self._clock)

    def _make_patience(self) -> Patience:
        return Patience(self._settings, self._contact, outcomes=self._outcomes, clock=self._clock, random=self._random)


def _check_token(token: str | None) -> None:
    """A token with a line end or a letter beyond ASCII would fail inside a header, in a message that shows it."""
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError("the token holds a space, a line end or a character that cannot be sent: check its file")
