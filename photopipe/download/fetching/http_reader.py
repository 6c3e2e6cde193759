"""Reading files from web servers that may be slow, unreachable for a while, or wrong about what they send."""

import contextlib
from collections.abc import Callable, Iterator
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, NamedTuple, TypeVar

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.fetching.index_page import MEDIA_TYPES
from photopipe.download.fetching.validators import Validators, continues_at, is_encoded
from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import AccessDenied, DownloadError, NotAPhoto, PhotoVanished, RunStopped
from photopipe.files.kinds import HEAD_BYTES, kind_of
from photopipe.http.connection import SocketWatch, WatchedAdapter, proxies_for
from photopipe.http.retry_after import retry_after_s
from photopipe.stop_token import StopToken

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 60.0
"""Longest wait for the next bytes; so much also for each `PIECE_BYTES`, however slowly they trickle in."""
PIECE_BYTES: Final = 64 * 1024
MOST_REDIRECTS: Final = 10
TRIES: Final = 4
"""How often a file is asked for that does not come; one that comes in pieces, after each piece anew."""
BACKOFF_START_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
"""The most a server's `Retry-After` can ask for."""
PROGRESS_BYTES: Final = 1_000_000
"""A try that has brought so much does not count as a failure."""
_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_GONE: Final = frozenset({404, 410})
_LOGIN: Final = frozenset({401, 407})
_FORBIDDEN: Final = 403
_T = TypeVar("_T")


class _TryAgainError(Exception):
    """The file did not come, and may come if it is asked for again.

    Args:
        message: what happened.
        wait_s: how long the server asks us to wait, or None.
    """

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class WebPage(NamedTuple):
    """A page as it was read.

    Attributes:
        media_type: what the server says it is, in lower case.
        url: where it came from in the end.
        content: its bytes.
    """

    media_type: str
    url: str
    content: bytes


class HttpReader:
    """A session with web servers; used in one thread, as a `with` block.

    Args:
        stop: ends every wait at once, except for the name and the connection of a server.
        clock: monotonic seconds.
    """

    def __init__(self, stop: StopToken, clock: Callable[[], float] = monotonic) -> None:
        self._stop = stop
        self._clock = clock
        self._watch = SocketWatch()
        self._session = requests.Session()
        self._session.max_redirects = MOST_REDIRECTS
        # Asked for as it is: only then its length can be checked, and the rest of it asked for.
        self._session.headers.update({"User-Agent": "photopipe", "Accept": "*/*", "Accept-Encoding": "identity"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(self._watch, READ_TIMEOUT_S))

    def __enter__(self) -> "HttpReader":
        self._forget_stop = self._stop.on_set(self._watch.abort)
        return self

    def __exit__(self, *_: object) -> None:
        self._forget_stop()
        self._session.close()
        self._watch.close()

    def ask(self, address: WebAddress, *, by_get: bool = False, tries: int = 1) -> Validators:
        """What the server says about a file, without reading it.

        Args:
            address: of the file.
            by_get: whether to begin a download and drop it, as is also done if the server does not answer a HEAD.
            tries: how often to ask, if no answer comes.

        Raises:
            PhotoVanished: there is no such file.
            DownloadError: that cannot be found out.
            RunStopped: the run was stopped meanwhile.
        """
        return self._again(lambda: self._ask_once(address, by_get=by_get), tries)

    def kind(self, address: WebAddress, *, tries: int = 1) -> tuple[str, str]:
        """The media type of what is at an address, and the address to which the server sends us for it.

        Raises:
            as `ask`.
        """

        def kind_once() -> tuple[str, str]:
            with self._answer("GET", address) as response:
                _check_status(response)
                return _media_type(response), response.url

        return self._again(kind_once, tries)

    def page(self, address: WebAddress, most_bytes: int) -> WebPage:
        """Read a page into memory, asking again as for a file.

        Raises:
            DownloadError: it has more than `most_bytes`.
            as `ask`.
        """

        def page_once() -> WebPage:
            with self._answer("GET", address) as response:
                _check_status(response)
                content = bytearray()
                for piece in self._pieces(response):
                    content += piece
                    if len(content) > most_bytes:
                        raise DownloadError(f"the page is longer than {most_bytes:,} bytes.")
                return WebPage(_media_type(response), response.url, bytes(content))

        return self._again(page_once, TRIES)

    def get(self, address: WebAddress, copy: IncomingCopy) -> Validators:
        """Fetch a file; it is asked for again, and if that is safe only for the rest, when the connection breaks.

        Returns:
            What the server said about what is now in `copy`.

        Raises:
            PhotoVanished: there is no such file.
            NotAPhoto: a web page came instead.
            DownloadError: it did not come, as often as it was asked for; or it is longer than its limit.
            RunStopped: the run was stopped meanwhile.
        """
        known = Validators()
        failures = 0
        while True:
            before = copy.size_bytes
            try:
                with self._answer("GET", address, _range_headers(known, copy.size_bytes)) as response:
                    if not _is_rest(response, known, copy.size_bytes):
                        known = _begin(response, copy)
                    self._read(response, copy)
                _check_all_came(known, copy)
            except _TryAgainError as error:
                failures = 1 if copy.size_bytes - before >= PROGRESS_BYTES else failures + 1
                self._wait_after(error, failures, TRIES)
            else:
                return known

    def _again(self, once: Callable[[], _T], tries: int) -> _T:
        failures = 0
        while True:
            try:
                return once()
            except _TryAgainError as error:
                failures += 1
                self._wait_after(error, failures, tries)

    def _ask_once(self, address: WebAddress, *, by_get: bool) -> Validators:
        if not by_get:
            with self._answer("HEAD", address) as response:
                if response.status_code == 200:
                    return Validators.of(response.headers, is_head=True)
                if response.status_code in _GONE | _LOGIN | _TRY_AGAIN:
                    _check_status(response)
        with self._answer("GET", address) as response:
            _check_status(response)
            return Validators.of(response.headers)

    @contextlib.contextmanager
    def _answer(
        self, method: str, address: WebAddress, headers: dict[str, str] | None = None
    ) -> Iterator[requests.Response]:
        """The answer to one request, with its body still to be read; what breaks off is a `_TryAgainError`."""
        try:
            with self._request(method, address, headers) as response:
                yield response
        except (requests.RequestException, HTTPError, OSError) as error:
            if self._stop.is_set():
                raise RunStopped("stopped while a photo was fetched") from error
            raise _error_of(error) from error
        finally:
            self._watch.forget_closed()

    def _request(self, method: str, address: WebAddress, headers: dict[str, str] | None) -> requests.Response:
        try:
            return self._session.request(
                method,
                address.url,
                headers=headers,
                auth=_in_utf8(address.login),
                timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),  # type: ignore[arg-type]
                allow_redirects=True,
                stream=True,
                proxies=proxies_for(address.url),
            )
        except ValueError as error:  # of a place it is sent to
            raise DownloadError("cannot be fetched: its server sends us to an address that is none.") from error

    def _read(self, response: requests.Response, copy: IncomingCopy) -> None:
        """Write what comes."""
        head = b""
        is_start = copy.size_bytes == 0
        for piece in self._pieces(response):
            if is_start and len(head) < HEAD_BYTES:
                head += piece[: HEAD_BYTES - len(head)]
                _check_no_page(response, head)
            copy.write(piece)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """What comes; at least 64 KiB must come within the time for one read."""
        got, limit = 0, self._clock() + READ_TIMEOUT_S
        while piece := response.raw.read1(PIECE_BYTES, decode_content=is_encoded(response.headers)):
            yield piece
            got += len(piece)
            if got >= PIECE_BYTES:
                got, limit = 0, self._clock() + READ_TIMEOUT_S
            elif self._clock() > limit:
                raise _TryAgainError("it comes too slowly")

    def _wait_after(self, error: _TryAgainError, failures: int, tries: int) -> None:
        """Wait until it is time to try again.

        Raises:
            DownloadError: there were as many tries as there may be.
            RunStopped: the run was stopped meanwhile.
        """
        if failures >= tries:
            raise DownloadError(f"cannot be fetched: {error}. Run again later.") from error
        wait_s = max(BACKOFF_START_S * 2 ** (failures - 1), error.wait_s or 0.0)
        if self._stop.wait(min(wait_s, LONGEST_WAIT_S)):
            raise RunStopped("stopped while a photo was fetched")


def _range_headers(known: Validators, start: int) -> dict[str, str] | None:
    if start == 0 or known.if_range is None or known.size_bytes is None:
        return None
    return {"Range": f"bytes={start}-", "If-Range": known.if_range}


def _is_rest(response: requests.Response, known: Validators, start: int) -> bool:
    """True if the answer is proved to go on where an earlier one broke off."""
    if response.status_code != 206:
        return False
    if _range_headers(known, start) is None or not continues_at(response.headers, start, known.size_bytes):
        return False
    return response.headers.get("ETag", known.etag) == known.etag


def _begin(response: requests.Response, copy: IncomingCopy) -> Validators:
    """Start with an answer that has all of a file."""
    if response.status_code in {206, 416}:
        copy.restart()
        raise _TryAgainError("the server sends another part than it is asked for")
    _check_status(response)
    copy.restart()
    known = Validators.of(response.headers)
    if known.size_bytes is not None:
        copy.expect(known.size_bytes)
    return known


def _check_all_came(known: Validators, copy: IncomingCopy) -> None:
    if known.size_bytes not in {None, copy.size_bytes}:
        raise _TryAgainError("only a part of it came")


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    shown = _shown_status(status)
    if status in _TRY_AGAIN:
        raise _TryAgainError(f"the server answers {shown}", retry_after_s(response.headers))
    if status in _GONE:
        raise PhotoVanished(f"is not there: the server answers {shown}.")
    if status in _LOGIN:
        raise AccessDenied(
            f"cannot be fetched: the server wants a login ({shown}). Write https://USER:PASSWORD@HOST/..., which is "
            "never shown, or put the host into ~/.netrc."
        )
    kind = AccessDenied if status == _FORBIDDEN else DownloadError
    raise kind(f"cannot be fetched: the server answers {shown}. Open the address in a browser to see why.")


def _media_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _check_no_page(response: requests.Response, head: bytes) -> None:
    """Servers answer with a page of their own, and status 200, where a login is missing or a link has expired."""
    if _media_type(response) in MEDIA_TYPES and len(head) >= HEAD_BYTES and kind_of(head) is None:
        raise NotAPhoto(
            "is not a photo: the server sends a web page, perhaps one that wants a login. Open the address in a"
            " browser, and give the address of the picture itself."
        )


def _error_of(error: Exception) -> Exception:
    """What is to be raised for a request that got no whole answer; its own text may show the address."""
    if isinstance(error, requests.TooManyRedirects):
        return DownloadError("cannot be fetched: its server sends us from address to address without end.")
    text = str(error).lower()
    if "certificate verify failed" in text:
        return DownloadError("cannot be fetched: the server's certificate is not trusted.")
    for mark, message in _BROKEN:
        if mark in text:
            return _TryAgainError(message)
    return _TryAgainError("the connection broke off")


_BROKEN: Final = (
    ("failed to resolve", "the name of the server was not found"),
    ("name or service not known", "the name of the server was not found"),
    ("connection refused", "the server refuses connections"),
    ("timed out", "the server did not answer in time"),
    ("incompleteread", "the connection broke off"),
)


def _in_utf8(login: tuple[str, str] | None) -> Any:
    """A login as bytes: requests would encode text in Latin-1, and RFC 7617 asks for UTF-8."""
    return None if login is None else tuple(part.encode() for part in login)


def _shown_status(status: int) -> str:
    with contextlib.suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)
