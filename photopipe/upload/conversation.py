"""The three things said to a gallery, each said once: are you there, have you got it, take it."""

import ssl
from collections.abc import Callable
from typing import Any, Final

import requests
import urllib3

from photopipe.errors import PhotopipeError, RunStopped
from photopipe.photo import Receipt, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.upload.answer import Answer
from photopipe.upload.classify import Action, Ruling, causes, ruling_on_error, ruling_on_status
from photopipe.upload.contact import Contact
from photopipe.upload.form import upload_form
from photopipe.upload.outcome import Outcomes, Trouble
from photopipe.upload.receipt import found_in, receipt_in, stored_other_bytes
from photopipe.upload.retry_after import retry_after_s
from photopipe.upload.session import GallerySession
from photopipe.upload.stop import Stop

BREAKDOWNS: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class Conversation:
    """One worker's requests. Each raises `Trouble` if it can be repeated, and a `PhotopipeError` if not.

    Args:
        settings: the endpoint and its timeouts.
        session: connections to the endpoint.
        contact: what all workers know about the endpoint.
        outcomes: makes the errors.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        settings: UploadSettings,
        session: GallerySession,
        *,
        contact: Contact,
        outcomes: Outcomes,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._endpoint = settings.endpoint_url or ""
        self._session = session
        self._contact = contact
        self._outcomes = outcomes
        self._clock = clock

    def knock(self, stop: Stop) -> None:
        """As long as the endpoint has never answered, ask it for nothing.

        So a dead endpoint is known within `first_answer_s`, and a slow upload is never taken for one.
        """
        first_tried_at = self._contact.trying()
        if self._contact.has_answered:
            return
        left_s = first_tried_at + self._settings.first_answer_s - self._clock()
        if left_s <= 0:
            raise Trouble("no answer")
        self._exchange(stop, "HEAD", within_s=left_s)

    def ask(self, key: str, sha256: str | None, stop: Stop) -> Receipt | None:
        """Ask for a photo; None if it is not there, or if the gallery does not know the question."""
        question = {"idempotency_key": key} | ({"sha256": sha256} if sha256 else {})
        answer = self._exchange(stop, "GET", params=question)
        ruling = ruling_on_status(answer.status)
        if ruling.action is Action.LOGIN_REFUSED or (ruling.action is Action.RETRY and answer.status != 501):
            self._judge(ruling, answer)
        return found_in(answer, self._endpoint, key, sha256) if ruling.action is Action.DONE else None

    def post(self, photo: ResizedPhoto, key: str, stop: Stop) -> Receipt:
        """Send a photo."""
        answer = self._exchange(stop, "POST", headers={"Idempotency-Key": key}, **upload_form(photo))
        self._judge(ruling_on_status(answer.status), answer)
        if stored_other_bytes(answer, photo.rendition.sha256):
            raise self._outcomes.of_other_bytes()
        self._contact.succeeded()
        return receipt_in(answer, self._endpoint)

    def _exchange(self, stop: Stop, method: str, *, within_s: float | None = None, **content: Any) -> Answer:
        self._check(stop)
        connect_s, read_s = self._settings.connect_timeout_s, self._settings.read_timeout_s
        if within_s is not None:
            connect_s, read_s = min(connect_s, within_s), min(read_s, within_s)
        timeout = urllib3.Timeout(total=within_s, connect=connect_s, read=read_s)
        try:
            answer = self._session.exchange(method, timeout, **content)
        except BREAKDOWNS as error:
            self._check(stop)  # a socket that was shut down on purpose is no failure
            raise self._broken_off(error, ruling_on_error(error, connect_s=connect_s, read_s=read_s)) from error
        self._contact.answered()
        return answer

    def _check(self, stop: Stop) -> None:
        if stop.is_set() or self._session.aborted:
            raise RunStopped("the run was stopped while a photo was uploaded")

    def _broken_off(self, error: BaseException, ruling: Ruling) -> PhotopipeError | Trouble:
        if ruling.action is Action.TLS_FAILED:
            verdicts = [cause for cause in causes(error) if isinstance(cause, ssl.SSLCertVerificationError)]
            return self._outcomes.of_tls(verdicts[-1].verify_message if verdicts else None)
        if ruling.action is Action.MISCONFIGURED:
            return self._outcomes.of_setup(ruling.words)
        return Trouble(ruling.words, ambiguous=ruling.ambiguous)

    def _judge(self, ruling: Ruling, answer: Answer) -> None:
        """Return if the gallery did what was asked, raise otherwise."""
        if ruling.action is Action.RETRY:
            raise Trouble(
                f"the gallery answers {answer.status_words}",
                ambiguous=ruling.ambiguous,
                retry_after_s=retry_after_s(answer),
            )
        if ruling.action is not Action.DONE:
            raise self._outcomes.of_answer(ruling.action, answer)
