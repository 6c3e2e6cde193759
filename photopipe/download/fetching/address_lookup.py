"""Asking servers about many addresses at a time, so that the thread of the source never waits for one of them."""

from collections import deque
from secrets import randbits
from threading import Condition, Thread
from typing import Final

from photopipe.download.fetching.url_fetcher import UrlFetcher
from photopipe.download.fetching.validators import Validators
from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import AccessDenied, DownloadError, LoginRefused, RunStopped
from photopipe.found_photo import FoundPhoto
from photopipe.settings import DownloadSettings
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

THREADS: Final = 4
MOST_WAITING: Final = 200
"""Addresses that are in progress or not yet taken; more are not to be submitted."""


class AddressLookup:
    """Finds the photos at addresses, in threads of its own. Use it as a `with` block, which ends them.

    Args:
        settings: where the photos are fetched to.
        wakeup: woken when a photo was found.
        folder: that the addresses are in, if it is the source.
        is_whole_source: whether there is nothing else to take photos from if a server does not let us in.
    """

    def __init__(
        self,
        settings: DownloadSettings,
        wakeup: Wakeup,
        *,
        folder: WebAddress | None = None,
        is_whole_source: bool = False,
    ) -> None:
        self._settings = settings
        self._wakeup = wakeup
        self._folder = folder
        self._is_whole_source = is_whole_source
        self._mark = randbits(63)
        self._closing = StopToken()
        self._changed = Condition()
        self._asked: deque[WebAddress] = deque()
        self._found: deque[FoundPhoto] = deque()
        self._in_progress = 0
        self._threads: list[Thread] = []
        self._error: Exception | None = None

    def __enter__(self) -> "AddressLookup":
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    @property
    def is_full(self) -> bool:
        """True if no address should be submitted now."""
        with self._changed:
            return len(self._asked) + self._in_progress + len(self._found) >= MOST_WAITING

    def submit(self, address: WebAddress) -> None:
        """Have a server asked. Never waits."""
        with self._changed:
            self._asked.append(address)
            self._changed.notify()
        if len(self._threads) < THREADS:
            thread = Thread(target=self._run, name=f"address-lookup-{len(self._threads) + 1}")
            thread.start()
            self._threads.append(thread)

    def take(self) -> list[FoundPhoto] | None:
        """The photos that were found since the last call; None if no more will be, unless addresses are submitted.

        A photo that its server says nothing about, or is not there, is found all the same, and fails when it is opened.

        Raises:
            LoginRefused: the server does not let us have what is the whole source.
        """
        with self._changed:
            if self._error is not None:
                raise self._error
            found = list(self._found)
            self._found.clear()
            is_over = not found and not self._asked and not self._in_progress
        return None if is_over else found

    def _run(self) -> None:
        from photopipe.download.fetching.http_reader import HttpReader

        try:
            with HttpReader(self._closing) as reader:
                while (address := self._next()) is not None:
                    try:
                        said = reader.ask(address)
                    except DownloadError as error:
                        if self._is_whole_source and isinstance(error, AccessDenied):
                            raise refused(address, error) from error
                        said = Validators()
                    fetcher = UrlFetcher(address, self._settings.spool_folder, self._mark, self._folder)
                    self._done(fetcher.found(said, self._settings))
        except RunStopped:
            """The block was left."""
        except Exception as error:  # noqa: BLE001 - raised again in the thread of the source
            with self._changed:
                self._error = error
            self._wakeup.wake()

    def _next(self) -> WebAddress | None:
        with self._changed:
            while not self._asked:
                if self._closing.is_set():
                    return None
                self._changed.wait()
            self._in_progress += 1
            return None if self._closing.is_set() else self._asked.popleft()

    def _done(self, photo: FoundPhoto) -> None:
        with self._changed:
            self._in_progress -= 1
            self._found.append(photo)
        self._wakeup.wake()


def refused(address: WebAddress, error: AccessDenied) -> LoginRefused:
    """The error for an address that is a source, and does not let us in."""
    return LoginRefused(f"{address.folder_path if address.is_folder else address.path}: {error}")
