"""Immich's API: where it is, how we log in, and what its errors say."""

import json
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.auth import header_auth, same_origin
from photopipe.upload.http.classify_status import Action, classify_status
from photopipe.upload.http.upload_errors import RetryableError

WELL_KNOWN: Final = "/.well-known/immich"
MISSING_PERMISSION: Final = "Missing required permission"


class ImmichApi:
    """One worker's access to the API of one Immich.

    Args:
        settings: the address as people type it, with or without `/api`, and the API key as token.
        context: HTTP and what the workers share.

    Attributes:
        site: the address people know, without a slash at the end.
    """

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        self.site = (settings.endpoint_url or "").partition("?")[0].rstrip("/").removesuffix("/api").rstrip("/")
        self._context = context
        # As a bearer an API key is refused: that is for the tokens of sessions.
        context.http.authenticate_with(header_auth("x-api-key", settings.token))

    def call(self, method: str, path: str, **content: Any) -> Answer:
        """Make one request.

        Args:
            method: HTTP method.
            path: below the API's address, `/albums`.
            **content: as `HttpClient.exchange` takes it.

        Returns:
            An answer whose status is good.

        Raises:
            RetryableError, PhotopipeError: as `HttpClient.raise_for_status`, in Immich's own words.
        """
        address = self.address + path
        answer = self._context.http.exchange(method, address, **content)
        self._raise_for_status(answer, address, path)
        return answer

    @property
    def address(self) -> str:
        """Address of the API, asked for once in a run."""
        address: str = self._context.shared.once("immich: address of the API", self._discover)
        return address

    def unexpected(self, answer: Answer) -> RetryableError:
        """The error for an answer that no Immich gives, such as a proxy's page with status 200."""
        message = f"the gallery answers {answer.status_line}, but not as Immich does"
        return self._context.http.retryable(answer, message, ambiguous=True)

    def _discover(self) -> str:
        """Where the API is, as Immich's own command line finds it.

        Source: immich-app/immich, `@immich/cli` 3.2.2: GET /.well-known/immich, else `/api`.
        """
        answer = self._context.http.exchange("GET", self.site + WELL_KNOWN)
        if classify_status(answer.status).action in {Action.MOVED, Action.RETRY, Action.PROXY_LOGIN}:
            self._raise_for_status(answer, self.site + WELL_KNOWN, WELL_KNOWN)
        address = urljoin(self.site + "/", _endpoint_in(answer) or "api").rstrip("/")
        if not same_origin(address, self.site):
            shown = self._context.errors.shown(address)
            raise UsageError(f"{self.site}: this Immich says that its API is at {shown}. Use that address with --to.")
        return address

    def _raise_for_status(self, answer: Answer, address: str, path: str) -> None:
        says = _explanation(answer)
        if says is not None:
            answer = replace(answer, body=json.dumps({"message": says}).encode())
        if answer.status == 400 and "quota" in (says or "").lower():
            raise self._context.errors.of_answer(Action.DISK_FULL, answer)
        if answer.status == 403 and says is not None and says.startswith(MISSING_PERMISSION):
            raise self._context.errors.of_login(f"{says}. Give it to the API key{_or_do_without(says)}")
        self._context.http.raise_for_status(_pointing_to_the_site(answer, address, path))


def _endpoint_in(answer: Answer) -> str | None:
    """The address in `{"api": {"endpoint": "/api"}}`."""
    content = answer.json() if answer.status == 200 else None
    api = content.get("api") if isinstance(content, dict) else None
    endpoint = api.get("endpoint") if isinstance(api, dict) else None
    return endpoint if isinstance(endpoint, str) and endpoint.isprintable() and " " not in endpoint else None


def _explanation(answer: Answer) -> str | None:
    """What an error says: `message` is text or a list; v3 adds what is wrong with which field.

    Source: immich-app/immich v3.0.3, `server/src/middleware/global-exception.filter.ts`; v2 answers a
    list in `message` and the status's name in `error`.
    """
    content = answer.json() if answer.status >= 400 else None
    if not isinstance(content, dict) or not content.get("message"):
        return None
    message, errors = content["message"], content.get("errors")
    parts = [str(part) for part in (message if isinstance(message, list) else [message])]
    parts += [_field_error(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return "; ".join(parts)


def _or_do_without(says: str) -> str:
    return "" if "asset.upload" in says else ", or do without --album or the options tags and captions"


def _field_error(error: dict[str, Any]) -> str:
    path = error.get("path")
    name = ".".join(str(step) for step in path) if isinstance(path, list) else str(path)
    return f"{name}: {error.get('message')}"


def _pointing_to_the_site(answer: Answer, address: str, path: str) -> Answer:
    """A redirect as an address that can be given with `--to`: without the path that was appended."""
    target = answer.location(address)
    if target is None:
        return answer
    site = target.partition("?")[0].removesuffix(path).removesuffix("/api")
    return replace(answer, headers={**dict(answer.headers.items()), "Location": site})
