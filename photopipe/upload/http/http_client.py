"""One worker's requests: each raises `Trouble` if it can be repeated, and a `PhotopipeError` if not."""

import ssl
from collections.abc import Callable
from typing import Any, Final

import requests
import urllib3
from requests.auth import AuthBase

from photopipe.errors import PhotopipeError, RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import NEVER, StopToken
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.upload.http.body import Body
from photopipe.upload.http.classify import Action, Ruling, causes, ruling_on_error, ruling_on_status
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.http_session import HttpSession
from photopipe.upload.http.retry_after import retry_after_s
from photopipe.upload.http.upload_errors import Trouble, UploadErrors

BREAKDOWNS: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class Http:
    """One worker's requests to one gallery.

    Args:
        settings: the endpoint and its timeouts.
        session: connections to the endpoint.
        contact: what all workers know about the endpoint.
        outcomes: makes the errors.
        clock: monotonic seconds.
        bandwidth: how fast bytes may leave.

    Attributes:
        stop: set when the run is to end; whoever has the worker's time puts it here.
    """

    def __init__(
        self,
        settings: UploadSettings,
        session: HttpSession,
        *,
        endpoint_status: EndpointStatus,
        outcomes: UploadErrors,
        clock: Callable[[], float],
        bandwidth: Bandwidth,
    ) -> None:
        self.stop: StopToken = NEVER
        self._settings = settings
        self._session = session
        self._endpoint_status = endpoint_status
        self._outcomes = outcomes
        self._clock = clock
        self._bandwidth = bandwidth

    def probe(self, url: str | None = None) -> None:
        """As long as the endpoint has never answered, ask it for nothing.

        So a dead endpoint is known within `first_answer_s`, and a slow upload is never taken for one.

        Args:
            url: where to ask, if that is not the address in the settings.
        """
        first_tried_at = self._endpoint_status.trying()
        if self._endpoint_status.has_answered:
            return
        left_s = first_tried_at + self._settings.first_answer_s - self._clock()
        if left_s <= 0:
            raise Trouble("no answer")
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
            The answer; `judge` says what its status means.

        Raises:
            Trouble: no whole answer came; `ambiguous` if the request may have been taken.
            PhotopipeError: no request can be made, or the run was stopped.
        """
        self._check()
        connect_s, read_s = self._settings.connect_timeout_s, self._settings.read_timeout_s
        if within_s is not None:
            connect_s, read_s = min(connect_s, within_s), min(read_s, within_s)
        timeout = urllib3.Timeout(total=within_s, connect=connect_s, read=read_s)
        if isinstance(body := content.get("data"), Body):
            self.throttle(body)
        try:
            answer = self._session.exchange(method, url, timeout, **content)
        except BREAKDOWNS as error:
            self._check()  # a socket that was shut down on purpose is no failure
            raise self._broken_off(error, ruling_on_error(error, connect_s=connect_s, read_s=read_s)) from error
        self._endpoint_status.answered()
        return answer

    def throttle(self, body: Body) -> None:
        """Let this body leave only as fast as all uploads of the run together may; `exchange` does so by itself."""
        body.leave_by(self._bandwidth, self.stop)

    def sign_with(self, auth: AuthBase) -> None:
        """Log in this way with each request from now on; until then it is the token as a bearer, or Basic."""
        self._session.sign_with(auth)

    def raise_for_status(self, answer: Answer) -> None:
        """Return if the status says that the gallery did what was asked, raise otherwise."""
        ruling = ruling_on_status(answer.status)
        if ruling.action is Action.RETRY:
            raise self.trouble(answer, ambiguous=ruling.ambiguous)
        if ruling.action is not Action.DONE:
            raise self._outcomes.of_answer(ruling.action, answer)

    def trouble(self, answer: Answer, words: str = "", *, ambiguous: bool = False) -> Trouble:
        """This answer as something to be tried again, after as long as it asks for."""
        return Trouble(
            words or f"the gallery answers {answer.status_words}",
            ambiguous=ambiguous,
            retry_after_s=retry_after_s(answer),
            is_overload=answer.status in {408, 425, 429, 503, 504},
        )

    def wait(self, seconds: float) -> None:
        """Wait, unless the run ends.

        Raises:
            RunStopped: it ended.
        """
        if self.stop.wait(seconds):
            raise RunStopped("the run was stopped while a photo waited for the gallery")

    def _check(self) -> None:
        if self.stop.is_set() or self._session.aborted:
            raise RunStopped("the run was stopped while a photo was uploaded")

    def _broken_off(self, error: BaseException, ruling: Ruling) -> PhotopipeError | Trouble:
        if ruling.action is Action.TLS_FAILED:
            verdicts = [cause for cause in causes(error) if isinstance(cause, ssl.SSLCertVerificationError)]
            if not verdicts and self._endpoint_status.has_answered:
                return Trouble("the TLS connection failed", ambiguous=True)  # it has worked before
            return self._outcomes.of_tls(verdicts[-1].verify_message if verdicts else None)
        if ruling.action is Action.MISCONFIGURED:
            return self._outcomes.of_setup(ruling.words)
        return Trouble(ruling.words, ambiguous=ruling.ambiguous, is_overload=ruling.is_timeout)
