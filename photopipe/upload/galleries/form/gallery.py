"""Any endpoint that takes a form with a file: by photopipe's own upload protocol, or as its options describe it."""

from typing import ClassVar

from photopipe.errors import UsageError
from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import endpoint_address
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto
from photopipe.upload.galleries.form.description import Login
from photopipe.upload.galleries.form.endpoint import FormEndpoint, check_urls
from photopipe.upload.galleries.form.fields import upload_fields
from photopipe.upload.galleries.form.options import OPTIONS, read_options
from photopipe.upload.galleries.receipt import arrived_damaged, found_in, receipt_in, stored_other_bytes
from photopipe.upload.http.auth import Auth, basic_auth, bearer_auth, header_auth, no_auth
from photopipe.upload.http.classify_status import Action, classify_status
from photopipe.upload.http.multipart import multipart


class FormGallery(Gallery):
    """A form endpoint. Without options it is one of photopipe's own protocol (docs/gallery-protocol.md)."""

    OPTIONS: ClassVar[dict[str, str]] = OPTIONS

    @classmethod
    def address_of(cls, url: str) -> str:
        """The address photos are POSTed to; without a path it gets the one of photopipe's own protocol."""
        return endpoint_address(url)

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse values of options that mean nothing, and addresses the login must not go to."""
        options = read_options(settings.options)
        _auth(options.login, settings)
        check_urls(options, settings.endpoint_url)

    @classmethod
    def identity(cls, settings: UploadSettings) -> str:
        """The address alone, unless somebody logs in by name."""
        return settings.endpoint_url or "" if settings.username is None else super().identity(settings)

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self._options = read_options(settings.options)
        self._endpoint = FormEndpoint(settings, self._options, context)
        auth = _auth(self._options.login, settings)
        if auth is not None:
            context.http.authenticate_with(auth)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Send the photo as one form."""
        if not self._options.is_own:
            return self._endpoint.send(photo)
        http, endpoint = self.context.http, self.settings.endpoint_url or ""
        with multipart(upload_fields(photo.photo, photo.album), "file", photo.photo) as (body, content_type):
            headers = self._endpoint.headers(photo) | {"Content-Type": content_type}
            answer = http.exchange("POST", endpoint, data=body, headers=headers)
        if arrived_damaged(answer):
            raise http.retryable(answer, "the photo was damaged on its way")
        http.raise_for_status(answer)
        if stored_other_bytes(answer, photo.rendition.sha256):
            raise self.context.errors.of_other_bytes()
        return receipt_in(answer, endpoint)

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Ask by key and hash, or as the options say; None also if the endpoint cannot answer that."""
        if not self._options.is_own:
            return self._endpoint.find(photo)
        http, endpoint, sha256 = self.context.http, self.settings.endpoint_url or "", photo.sought.sha256
        answer = http.exchange(
            "GET",
            endpoint,
            params={"idempotency_key": photo.key, "sha256": sha256},
            headers=self._endpoint.own_headers(photo),
        )
        action = classify_status(answer.status).action
        if action is Action.LOGIN_REFUSED or (action is Action.RETRY and answer.status != 501):
            http.raise_for_status(answer)
        return found_in(answer, endpoint, photo.key, sha256) if action is Action.DONE else None

    def can_find(self) -> bool:
        """With a lookup; an endpoint without options is asked for a photo that it cannot have."""
        if not self._options.is_own:
            return self._options.lookup is not None
        question = {"idempotency_key": "a-photo-that-nobody-has-sent", "sha256": "0" * 64}
        answer = self.context.http.exchange("GET", self.settings.endpoint_url or "", params=question)
        action = classify_status(answer.status).action
        if action is Action.LOGIN_REFUSED or (action is Action.RETRY and answer.status != 501):
            self.context.http.raise_for_status(answer)
        content = answer.json()
        return action is Action.DONE and isinstance(content, dict) and isinstance(content.get("photos"), list)

    def check(self) -> Health:
        """Send a HEAD request."""
        is_own = self._options.is_own
        answer = self.context.http.exchange(
            "HEAD", self.settings.endpoint_url or "" if is_own else self._endpoint.address
        )
        if classify_status(answer.status).action in {Action.LOGIN_REFUSED, Action.RETRY}:
            self.context.http.raise_for_status(answer)
        summary = f"an HTTP endpoint that answers {answer.status_line}"
        return (
            Health(summary)
            if is_own
            else Health(summary, ("Only the first photo shows whether the login is accepted.",))
        )


def _auth(login: Login, settings: UploadSettings) -> Auth | None:
    """How each request is authenticated; None leaves it to the session."""
    match login.way:
        case "usual":
            return None
        case "bearer":
            return bearer_auth(settings.token)
        case "header":
            return header_auth(login.name, settings.token)
        case "basic":
            if settings.username is None:
                raise UsageError('the option auth = "basic" needs a user name: give it with --user')
            return basic_auth(settings.username, settings.token or "")
        case _:
            return no_auth
