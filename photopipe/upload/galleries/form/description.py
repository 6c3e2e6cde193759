"""What is known of a form endpoint once its options have been read."""

from collections.abc import Mapping
from dataclasses import dataclass

from photopipe.upload.galleries.form.answer import Rule
from photopipe.upload.galleries.template import Template


@dataclass(frozen=True, slots=True)
class Login:
    """How the token is sent.

    Attributes:
        way: `bearer`, `basic`, `header`, `field`, `none`, or `usual` if the options do not say.
        name: of the header or field.
    """

    way: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the endpoint is asked for a photo.

    Attributes:
        url: where.
        method: GET or HEAD.
        found: what the answer looks like if it is there, or None.
        found_path: the path of a value it has then, or None.
        id_path: the path of its id, or None.
        url_path: the path of its address, or None.
        ask_first: whether that is done before each upload.
    """

    url: Template
    method: str
    found: Rule | None
    found_path: str | None
    id_path: str | None
    url_path: str | None
    ask_first: bool


@dataclass(frozen=True, slots=True)
class FormOptions:
    """A form endpoint.

    Attributes:
        is_own: it speaks photopipe's own protocol; then only `login` and `headers` mean anything.
        login: how the token is sent.
        headers: sent along.
        url: where photos are sent, or None for the gallery's address itself.
        method: POST or PUT.
        file_field: name of the part that holds the file.
        file_name: name the file is sent under, or None for the rendition's.
        fields: the other parts.
        rules: `success`, `duplicate`, `login_refused` and `retry`, those that are set.
        error_path: the path of the answer's error message, or None.
        id_path: the path of the photo's id.
        url_path: the path of the photo's address.
        lookup: how the endpoint is asked, or None if it cannot be.
    """

    is_own: bool
    login: Login
    headers: Mapping[str, Template]
    url: Template | None
    method: str
    file_field: str
    file_name: Template | None
    fields: Mapping[str, Template]
    rules: Mapping[str, Rule]
    error_path: str | None
    id_path: str
    url_path: str
    lookup: Lookup | None
