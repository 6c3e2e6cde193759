"""Piwigo's web service: each call is a POST, and is understood by its body and its status."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn

from photopipe.errors import LoginRefused
from photopipe.photo import ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.piwigo.answer import Failure, as_status, envelope_in, failure_in
from photopipe.upload.galleries.piwigo.login import ADMINISTRATORS, Login, api_key_auth
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.auth import no_auth
from photopipe.upload.http.long_answer import LongAnswer
from photopipe.upload.http.multipart import multipart
from photopipe.upload.http.upload_errors import RetryableError

ALL_ALBUMS: Final = "pwg.categories.getAdminList"
"""The one call whose answer can be longer than a megabyte."""


class PiwigoApi:
    """One worker's access to the web service of one Piwigo.

    Args:
        settings: the address as people type it, with or without `/ws.php`, and the login.
        context: HTTP and what the workers share.

    Attributes:
        site: the address people know, without a slash at the end.
    """

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        self.site = (settings.endpoint_url or "").partition("?")[0].rstrip("/").removesuffix("/ws.php").rstrip("/")
        self._login = Login(settings)
        self._context = context
        # With a user name the token would go out as Basic, which 16.0 takes for a bad API key.
        context.http.authenticate_with(api_key_auth(self._login.password) if self._login.username is None else no_auth)

    def call(self, method: str, fields: Mapping[str, str], photo: ResizedPhoto | None = None) -> Any:
        """Call a method that only administrators may call.

        Args:
            method: `pwg.images.exist`.
            fields: its parameters. Always in the body: with an API key, those of the address are dropped.
            photo: goes along as `image`.

        Returns:
            The `result`.

        Raises:
            RetryableError: it may be tried again; also when the login has run out.
            PhotopipeError: as `HttpClient.raise_for_status`, by what the body says.
        """
        if not self._login.is_open:
            self._log_in()
        token = {"pwg_token": self._login.pwg_token} if self._login.pwg_token else {}
        answer = self._post({"method": method, **fields, **token}, photo)
        result = self._result(answer, with_file=photo is not None)
        self._login.is_proven = True
        return result

    def status(self) -> dict[str, Any]:
        """Who we are logged in as, and the version of this Piwigo.

        Raises:
            LoginRefused: we are not logged in as somebody who may upload.
        """
        if not self._login.is_open:
            self._log_in()
        return self._status()

    def unexpected(self, answer: Answer | None = None) -> RetryableError:
        """The error for an answer that no Piwigo gives."""
        status = f" {answer.status_line}, but" if answer is not None else ""
        message = f"the gallery answers{status} not as Piwigo does"
        if answer is None:
            return RetryableError(message, ambiguous=True)
        return self._context.http.retryable(answer, message, ambiguous=True)

    def _log_in(self) -> None:
        username, password = self._login.username or "", self._login.password
        fields = {"method": "pwg.session.login", "username": username, "password": password}
        self._result(self._post(fields), for_login=True)
        self._login.opened(self._status())

    def _status(self) -> dict[str, Any]:
        status = self._result(self._post({"method": "pwg.session.getStatus"}))
        if not isinstance(status, dict):
            raise self.unexpected()
        if status.get("status") not in ADMINISTRATORS:
            raise self._not_an_administrator(status)
        return status

    def _not_an_administrator(self, status: dict[str, Any]) -> LoginRefused:
        who = f"Piwigo takes us for {status.get('username')!r}, who is {status.get('status')!r}"
        advice = (
            "API keys need Piwigo 16 or later" if self._login.username is None else "only administrators may upload"
        )
        return self._context.errors.of_login(f"{who}; {advice}")

    def _post(self, fields: Mapping[str, str], photo: ResizedPhoto | None = None) -> Answer:
        url = f"{self.site}/ws.php?format=json"
        if fields["method"] == ALL_ALBUMS:
            long = LongAnswer()
            return long.put_into(self._context.http.exchange("POST", url, data=dict(fields), sink=long.take))
        if photo is None:
            return self._context.http.exchange("POST", url, data=dict(fields))
        with multipart(fields, "image", photo) as (body, content_type):
            return self._context.http.exchange("POST", url, data=body, headers={"Content-Type": content_type})

    def _result(self, answer: Answer, *, with_file: bool = False, for_login: bool = False) -> Any:
        envelope = envelope_in(answer)
        if envelope is None:
            self._context.http.raise_for_status(answer)
            raise self.unexpected(answer)
        if envelope["stat"] == "ok":
            self._context.http.raise_for_status(answer)
            return envelope.get("result")
        failure = failure_in(envelope)
        shown = replace(failure, message=self._login.hide_in(failure.message))
        return self._refused(shown, answer, with_file=with_file, for_login=for_login)

    def _refused(self, failure: Failure, answer: Answer, *, with_file: bool, for_login: bool) -> NoReturn:
        """Raise what a failed call means."""
        if for_login and (failure.code in {401, 403} or not 400 <= failure.code < 600):
            raise self._context.errors.of_login(failure.message)
        if failure.code in {401, 403}:
            if self._login.has_run_out():
                raise RetryableError("the login has run out")
            raise self._context.errors.of_login(self._who_is_refused(failure))
        self._context.http.raise_for_status(as_status(failure, answer, with_file=with_file))
        raise self.unexpected(answer)

    def _who_is_refused(self, failure: Failure) -> str:
        if self._login.username is None:
            return f"{failure.message}; API keys need Piwigo 16 or later and an administrator's"
        return f"{failure.message}; only administrators may upload"
