"""A form endpoint as its options describe it: what is sent where, and what its answers mean."""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urljoin

from photopipe.errors import PhotopipeError, UsageError
from photopipe.photo import Receipt, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import DEFAULT_PATH
from photopipe.upload.galleries.contract import GalleryContext, OutgoingPhoto
from photopipe.upload.galleries.form.answer import first_at, is_something
from photopipe.upload.galleries.form.description import FormOptions, Lookup
from photopipe.upload.galleries.receipt import remote_id, web_address, without_query
from photopipe.upload.galleries.template import Template
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.auth import same_origin
from photopipe.upload.http.classify_status import Action, classify_status
from photopipe.upload.http.multipart import multipart
from photopipe.upload.http.server_message import server_message

_SLASHES: Final = re.compile(r"(?<!:)/{2,}")


class FormEndpoint:
    """One endpoint, for one worker.

    Args:
        settings: its address and login.
        options: all else about it.
        context: requests and errors.
    """

    def __init__(self, settings: UploadSettings, options: FormOptions, context: GalleryContext) -> None:
        self._settings = settings
        self._options = options
        self._context = context
        self._endpoint = settings.endpoint_url or ""
        self._base = _base_of(self._endpoint)
        self._shown = without_query(self._endpoint) if options.url is None else self._base

    @property
    def address(self) -> str:
        """The gallery's address, as a person knows it."""
        return self._shown

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Send the photo, or find it there if the options say to ask first."""
        if self._options.lookup is not None and self._options.lookup.ask_first:
            found = self.find(photo)
            if found is not None:
                return replace(found, already_there=True)
        named = self._named(photo)
        with multipart(self._fields(named), self._options.file_field, named.photo) as (body, content_type):
            headers = self.headers(named) | {"Content-Type": content_type}
            answer = self._context.http.exchange(self._options.method, self._url(named), data=body, headers=headers)
        return self._receipt(answer, named)

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Ask with the lookup; None also if there is no lookup, or the endpoint does not answer it."""
        lookup = self._options.lookup
        if lookup is None:
            return None
        sent = replace(photo, photo=replace(photo.photo, rendition=photo.sought))
        named = self._named(sent)
        url = self._address(lookup.url, named)
        answer = self._context.http.exchange(lookup.method, url, headers=self.own_headers(named))
        is_retry = classify_status(answer.status).action is Action.RETRY and answer.status != 501
        if answer.status == 401 or is_retry or self._fits("login_refused", answer, named):
            self._raise(answer, named)
        return self._found(lookup, url, answer, named)

    def headers(self, photo: OutgoingPhoto) -> dict[str, str]:
        """The key, which an endpoint that does not know it ignores, and the headers of the options."""
        return {"Idempotency-Key": photo.key} | self.own_headers(photo)

    def own_headers(self, photo: OutgoingPhoto) -> dict[str, str]:
        """The headers of the options."""
        headers = self._options.headers.items()
        return {name: quote(self._fill(value, photo), safe=_IN_HEADERS) for name, value in headers}

    def _named(self, photo: OutgoingPhoto) -> OutgoingPhoto:
        """The photo with the name it is sent under."""
        if self._options.file_name is None:
            return photo
        name = self._fill(self._options.file_name, photo) or photo.rendition.file_name
        return replace(photo, photo=_renamed(photo.photo, name.replace("/", "_").replace("\\", "_")))

    def _fields(self, photo: OutgoingPhoto) -> dict[str, str]:
        fields = {name: self._fill(value, photo) for name, value in self._options.fields.items()}
        login = self._options.login
        if login.way == "field" and self._settings.token:
            fields[login.name] = self._settings.token
        return fields

    def _fill(self, template: Template, photo: OutgoingPhoto) -> str:
        return template.fill(photo.photo, self._more(photo))

    def _more(self, photo: OutgoingPhoto) -> dict[str, str]:
        return {"endpoint": self._base, "key": photo.key, "album": photo.album or ""}

    def _url(self, photo: OutgoingPhoto) -> str:
        return self._endpoint if self._options.url is None else self._address(self._options.url, photo)

    def _address(self, template: Template, photo: OutgoingPhoto) -> str:
        """An address at the gallery's own host: the login goes nowhere else."""
        path, mark, query = template.fill(photo.photo, self._more(photo), _in_address).partition("?")
        url = _SLASHES.sub("/", path) + mark + query
        _check_host(url, self._endpoint)
        return url

    def _receipt(self, answer: Answer, photo: OutgoingPhoto) -> Receipt:
        content = answer.json()
        already_there = self._fits("duplicate", answer, photo)
        if not already_there:
            self._check_taken(answer, photo)
        url = web_address(_joined(self._endpoint, first_at(content, self._options.url_path)))
        return Receipt(
            remote_id(first_at(content, self._options.id_path)),
            url or web_address(answer.location(self._endpoint)) or self._shown,
            already_there,
        )

    def _check_taken(self, answer: Answer, photo: OutgoingPhoto) -> None:
        success = self._options.rules.get("success")
        if self._fits("login_refused", answer, photo) or self._fits("retry", answer, photo):
            self._raise(answer, photo)
        is_taken = success is None or success.fits(answer, photo)
        if success is None or not (is_taken and success.says_status):
            self._context.http.raise_for_status(answer)
        if not is_taken:
            raise self._refusal(answer)

    def _raise(self, answer: Answer, photo: OutgoingPhoto) -> None:
        if self._fits("login_refused", answer, photo):
            raise self._context.errors.of_login(self._says(answer))
        if self._fits("retry", answer, photo):
            raise self._context.http.retryable(answer, f"the gallery answers {self._says(answer)}")
        self._context.http.raise_for_status(answer)

    def _refusal(self, answer: Answer) -> PhotopipeError:
        return self._context.errors.of_refusal(f"{self._says(answer)}, which the option success does not call one.")

    def _says(self, answer: Answer) -> str:
        """What the answer says, in its own words if it has any."""
        path = self._options.error_path
        said = first_at(answer.json(), path) if path else None
        words = said if isinstance(said, str) and said else server_message(answer)
        return self._context.errors.shown(f"{answer.status_line}: {words}" if words else answer.status_line)

    def _fits(self, rule: str, answer: Answer, photo: OutgoingPhoto) -> bool:
        return rule in self._options.rules and self._options.rules[rule].fits(answer, photo)

    def _found(self, lookup: Lookup, url: str, answer: Answer, photo: OutgoingPhoto) -> Receipt | None:
        content = answer.json()
        fits = lookup.found is None or lookup.found.fits(answer, photo)
        if not fits or (lookup.found_path is not None and not is_something(first_at(content, lookup.found_path))):
            return None
        if lookup.found is None and classify_status(answer.status).action is not Action.DONE:
            return None
        named = web_address(_joined(self._endpoint, first_at(content, lookup.url_path))) if lookup.url_path else None
        itself = without_query(url) if lookup.method == "HEAD" else self._shown
        return Receipt(remote_id(first_at(content, lookup.id_path)) if lookup.id_path else None, named or itself)


def check_urls(options: FormOptions, endpoint: str | None) -> None:
    """Make sure that the login goes nowhere but to the gallery's own host.

    Args:
        options: whose templates say where photos are sent and where the endpoint is asked for them.
        endpoint: the gallery's address, or None if it is not known yet.

    Raises:
        UsageError: one of them names another host.
    """
    for template in (options.url, options.lookup.url if options.lookup else None):
        if template is not None and endpoint is not None:
            _check_host(template.text.replace("{endpoint}", _base_of(endpoint)).partition("{")[0], endpoint)


def _check_host(url: str, endpoint: str) -> None:
    try:
        is_here = same_origin(url, endpoint)
    except ValueError:
        is_here = False
    if not is_here:
        raise UsageError('the options url and lookup must begin with "{endpoint}", or be at the same host')


def _base_of(endpoint: str) -> str:
    """The gallery's address without the path it gets if none was typed, which is photopipe's own protocol's."""
    return without_query(endpoint).rstrip("/").removesuffix(DEFAULT_PATH)


_IN_HEADERS: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


def _renamed(photo: ResizedPhoto, file_name: str) -> ResizedPhoto:
    return replace(photo, rendition=replace(photo.rendition, file_name=file_name))


def _in_address(name: str, value: str) -> str:
    """A field's value as it may stand in an address; only an album may be a path of several folders."""
    if name == "endpoint":
        return value
    parts = value.split("/") if name == "album" else [value]
    return "/".join(quote("_" if part and not part.strip(".") else part, safe="") for part in parts)


def _joined(endpoint: str, value: object) -> object:
    """An address in an answer, made absolute."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return urljoin(endpoint, value)
    except ValueError:
        return None
