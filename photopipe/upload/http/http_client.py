"""One worker's requests: each raises `RetryableError` if it can be repeated, and a `PhotopipeError` if not."""

import ssl
import time
from collections.abc import Callable
from typing import Any, Final

import requests
import urllib3

from photopipe.errors import PhotopipeError, RunStopped
from photopipe.http.retry_after import http_date, retry_after_s
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.auth import Auth
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.upload.http.body import Body
from photopipe.upload.http.classify_error import causes, classify_error
from photopipe.upload.http.classify_status import Action, Classification, classify_status
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.http_session import HttpSession
from photopipe.upload.http.upload_errors import RetryableError, UploadErrors

CONNECTION_ERRORS: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class HttpClient:
    """One worker's requests to one gallery.

    Args:
        settings: the endpoint and its timeouts.
        session: connections to the endpoint.
        endpoint_status: what all workers know about the endpoint.
        errors: makes the errors.
        clock: monotonic seconds.
        bandwidth: how fast bytes may leave, or None for no limit.
        stop: gives the token that is set when the run is to end.

    Attributes:
        clock_skew_s: how far the gallery's clock was ahead of this machine's in the last answer that had a date, to
            about a second; None before one had [seconds].
    """

    def __init__(
        self,
        settings: UploadSettings,
        session: HttpSession,
        *,
        endpoint_status: EndpointStatus,
        errors: UploadErrors,
        clock: Callable[[], float],
        bandwidth: Bandwidth | None,
        stop: Callable[[], StopToken],
    ) -> None:
        self._settings = settings
        self._session = session
        self._endpoint_status = endpoint_status
        self._errors = errors
        self._clock = clock
        self._bandwidth = bandwidth
        self._stop = stop
        self.clock_skew_s: float | None = None

    def probe(self, url: str | None = None) -> None:
        """As long as the endpoint has never answered, send it a HEAD request.

        So a dead endpoint is noticed within `first_answer_s`, and a slow upload is never mistaken for one.

        Args:
            url: where to ask, if that is not the address in the settings.
        """
        first_tried_at = self._endpoint_status.trying()
        if self._endpoint_status.has_answered:
            return
        left_s = first_tried_at + self._settings.first_answer_s - self._clock()
        if left_s <= 0:
            raise RetryableError("no answer")
        self.exchange("HEAD", url or self._settings.endpoint_url or "", within_s=left_s)

    def exchange(self, method: str, url: str, *, within_s: float | None = None, **content: Any) -> Answer:
        """Send one request and read its answer, whatever its status.

        Args:
            method: HTTP method.
            url: absolute address.
            within_s: longest time for all of it, or None for the settings' own limits [seconds].
            **content: `params`, `data`, `json`, `headers` and `auth` as requests takes them; and `sink`, which is
                given the body of a 200 piece by piece, whatever its length.

        Returns:
            The answer; `raise_for_status` says what its status means.

        Raises:
            RetryableError: no whole answer came; `ambiguous` if the request may have been taken.
            DownloadError: the photo's own file cannot be read, or is no longer what it was.
            PhotopipeError: no request can be made, or the run was stopped.
        """
        self._check_not_stopped()
        connect_s, read_s = self._settings.connect_timeout_s, self._settings.read_timeout_s
        if within_s is not None:
            connect_s, read_s = min(connect_s, within_s), min(read_s, within_s)
        timeout = urllib3.Timeout(total=within_s, connect=connect_s, read=read_s)
        if self._bandwidth is not None and isinstance(body := content.get("data"), Body):
            body.limit_to(self._bandwidth, self._stop())
        try:
            answer = self._session.exchange(method, url, timeout, **content)
        except CONNECTION_ERRORS as error:
            self._check_not_stopped()  # a socket that was shut down on purpose is no failure
            classification = classify_error(error, connect_s=connect_s, read_s=read_s)
            raise self._of_connection(error, classification) from error
        self._endpoint_status.answered()
        self._note_clock(answer)
        return answer

    def _note_clock(self, answer: Answer) -> None:
        """Compare the answer's date with this machine's clock, once: reading dates takes time."""
        if self.clock_skew_s is None and (told := http_date(answer.headers.get("Date", ""))):
            self.clock_skew_s = told.timestamp() - time.time()

    def authenticate_with(self, auth: Auth) -> None:
        """Log in this way with each request from now on; until then it is the token as a bearer, or Basic."""
        self._session.authenticate_with(auth)

    def raise_for_status(self, answer: Answer) -> None:
        """Return if the status says that the gallery did what was asked, raise otherwise."""
        classification = classify_status(answer.status)
        if classification.action is Action.RETRY:
            raise self.retryable(answer, ambiguous=classification.ambiguous)
        if classification.action is not Action.DONE:
            raise self._errors.of_answer(classification.action, answer)

    def retryable(self, answer: Answer, message: str = "", *, ambiguous: bool = False) -> RetryableError:
        """The error for an answer after which the request is tried again, after as long as the answer asks for."""
        return RetryableError(
            message or f"the gallery answers {answer.status_line}",
            ambiguous=ambiguous,
            retry_after_s=retry_after_s(answer.headers),
            is_overload=answer.status in {408, 425, 429, 503, 504},
        )

    def _check_not_stopped(self) -> None:
        if self._stop().is_set() or self._session.aborted:
            raise RunStopped("the run was stopped while a photo was uploaded")

    def _of_connection(self, error: BaseException, classification: Classification) -> PhotopipeError | RetryableError:
        if classification.action is Action.TLS_FAILED:
            refused = [cause for cause in causes(error) if isinstance(cause, ssl.SSLCertVerificationError)]
            if not refused and self._endpoint_status.has_answered:
                return RetryableError("the TLS connection failed", ambiguous=True)  # it has worked before
            return self._errors.of_tls(refused[-1].verify_message if refused else None)
        if classification.action is Action.MISCONFIGURED:
            return self._errors.of_setup(classification.message)
        return RetryableError(
            classification.message, ambiguous=classification.ambiguous, is_overload=classification.is_timeout
        )
