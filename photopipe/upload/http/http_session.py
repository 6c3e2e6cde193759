"""One worker's HTTP session with the gallery: a request goes out, a whole answer of bounded size comes in."""

from collections.abc import Callable
from typing import Any, Final

import requests
from urllib3 import Timeout

from photopipe.http.connection import SocketWatch, WatchedAdapter, proxies_for
from photopipe.settings import UploadSettings
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.auth import Auth, basic_auth, bearer_auth, no_auth, same_origin

MAX_ANSWER_BYTES: Final = 1024 * 1024


class HttpSession:
    """Connections of one worker to one endpoint; use it in one thread, and close it there.

    Args:
        settings: the endpoint, the token and the time a piece of a photo may take to leave.
        watch: lets another thread shut the sockets down.
        clock: monotonic seconds.
    """

    def __init__(self, settings: UploadSettings, watch: SocketWatch, clock: Callable[[], float]) -> None:
        self._endpoint = settings.endpoint_url or ""
        self._watch = watch
        self._clock = clock
        self._session = requests.Session()
        self._session.auth = _login(settings)
        self._session.cert = _certificate(settings)
        self._verify = settings.ca_bundle  # with each request: in the session, requests lets REQUESTS_CA_BUNDLE win
        # Compressed answers save little and can be decompression bombs.
        self._session.headers.update(
            {"User-Agent": "photopipe", "Accept": "application/json", "Accept-Encoding": "identity"}
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(watch, settings.read_timeout_s))

    @property
    def aborted(self) -> bool:
        """True once the sockets were shut down for good."""
        return self._watch.aborted

    def authenticate_with(self, auth: Auth) -> None:
        """Log in this way with each request from now on."""
        self._session.auth = auth

    def exchange(
        self, method: str, url: str, timeout: Timeout, sink: Callable[[bytes], object] | None = None, **content: Any
    ) -> Answer:
        """Send one request and read its answer.

        Args:
            method: HTTP method.
            url: absolute address.
            timeout: for the connection and for each wait for bytes.
            sink: given the body of a 200 piece by piece, whatever its length; then the answer has none.
            **content: `params`, `data`, `json` and `headers` as requests takes them. The login goes along
                only to the endpoint's own scheme, host and port.

        Returns:
            The answer. Of a body beyond 1 MiB nothing is kept: no gallery needs that much.

        Raises:
            requests.RequestException, urllib3.exceptions.HTTPError, OSError: no whole answer came.
        """
        try:
            with self._session.request(
                method,
                url,
                timeout=timeout,  # type: ignore[arg-type]  # the stubs do not know what requests passes on
                allow_redirects=False,
                stream=True,
                proxies=proxies_for(url),
                verify=self._verify,
                auth=None if same_origin(url, self._endpoint) else no_auth,
                **content,
            ) as response:
                if sink is not None and response.status_code == 200:
                    self._hand_on(response, sink, timeout)
                    return Answer(response.status_code, response.headers)
                return Answer(response.status_code, response.headers, self._body(response, timeout))
        finally:
            self._watch.forget_closed()

    def close(self) -> None:
        """Close all connections."""
        self._session.close()
        self._watch.close()

    def _body(self, response: requests.Response, timeout: Timeout) -> bytes:
        """Read piece by piece, because a body that arrives very slowly never runs into the timeout for one read."""
        pieces: list[bytes] = []
        room, limit = MAX_ANSWER_BYTES, self._clock() + (timeout.read_timeout or 0.0)
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            room -= len(piece)
            if room < 0:
                return b""
            if self._clock() > limit:
                raise requests.ReadTimeout("the answer arrives too slowly")
            pieces.append(piece)
        return b"".join(pieces)

    def _hand_on(self, response: requests.Response, sink: Callable[[bytes], object], timeout: Timeout) -> None:
        """Hand on a body of any length, unless it is too slow: 64 KiB must arrive within the time for one read."""
        got, limit = 0, self._clock() + (timeout.read_timeout or 0.0)
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            sink(piece)
            got += len(piece)
            if got >= 64 * 1024:
                got, limit = 0, self._clock() + (timeout.read_timeout or 0.0)
            elif self._clock() > limit:
                raise requests.ReadTimeout("the answer arrives too slowly")


def _login(settings: UploadSettings) -> Auth | None:
    """None lets requests look into `~/.netrc`."""
    if settings.netrc and not settings.token:
        return None
    if settings.username:
        return basic_auth(settings.username, settings.token or "")
    return bearer_auth(settings.token)


def _certificate(settings: UploadSettings) -> str | tuple[str, str] | None:
    if settings.client_cert and settings.client_key:
        return settings.client_cert, settings.client_key
    return settings.client_cert
