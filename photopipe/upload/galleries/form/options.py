"""What a `[galleries.NAME]` table can contain about a form endpoint, read and checked before the first photo."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from photopipe.errors import UsageError
from photopipe.upload.galleries.form.answer import MORE, read_path, read_rule
from photopipe.upload.galleries.form.description import FormOptions, Login, Lookup
from photopipe.upload.galleries.presets import with_preset
from photopipe.upload.galleries.template import Template

T = TypeVar("T")

OPTIONS: Final[dict[str, str]] = {
    "preset": "options for a known gallery; what the table itself says takes precedence",
    "url": "where photos are sent, made from {endpoint} (the gallery's address) and what is known of the photo",
    "method": "POST or PUT",
    "file_field": "name of the part that holds the file",
    "file_name": "name the file is sent under",
    "fields": "the other parts: name = template",
    "headers": "headers besides the login: name = template",
    "auth": "how the token is sent: bearer, basic, header:NAME, field:NAME or none",
    "success": "what an answer looks like if the gallery took the photo",
    "duplicate": "what it looks like if it had the photo already",
    "login_refused": "what it looks like if it does not accept the login, other than 401 and 403",
    "retry": "what it looks like if the photo should be sent again, other than 408, 429 and 5xx",
    "error_path": "where the answer says what is wrong",
    "id_path": "where the answer says the photo's id",
    "url_path": "where the answer says the photo's address",
    "lookup": "address that tells whether the gallery has a photo",
    "lookup_method": "GET or HEAD",
    "found": "what its answer looks like if the gallery has the photo",
    "found_path": "or the path of a value it has then",
    "found_id_path": "where it says the photo's id",
    "found_url_path": "where it says the photo's address",
    "ask_first": "whether the lookup is made before each upload, not only if it is unknown whether the photo arrived",
}

KEEP_PROTOCOL: Final = frozenset({"auth", "headers"})
"""Options that leave an endpoint one of photopipe's own protocol."""

NAMES: Final = ("endpoint", *MORE)
"""Fields that templates have besides the photo's own."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name: RFC 9110 section 5.6.2."""

_OURS: Final = frozenset(
    {"authorization", "connection", "content-length", "content-type", "cookie", "host", "proxy-authorization", "te"}
    | {"transfer-encoding", "upgrade"}
)

_FIELD: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def read_options(options: Mapping[str, Any]) -> FormOptions:
    """Read the options of the configuration.

    Raises:
        UsageError: one cannot be used; the message says which, and what it may be.
    """
    given = with_preset(options)
    rules = ("success", "duplicate", "login_refused", "retry")
    return FormOptions(
        is_own=given.keys() <= KEEP_PROTOCOL,
        login=_login(given.get("auth", "usual")),
        headers=_headers(given),
        url=_template(given, "url"),
        method=_one_of(given, "method", "POST", "PUT"),
        file_field=_field_name("file_field", given.get("file_field", "file")),
        file_name=_template(given, "file_name"),
        fields={_field_name("fields", name): one for name, one in _templates(given, "fields").items()},
        rules={name: read_rule(name, given[name]) for name in rules if name in given},
        error_path=_path(given, "error_path"),
        id_path=_path(given, "id_path") or "id",
        url_path=_path(given, "url_path") or "url",
        lookup=_lookup(given),
    )


def _lookup(given: Mapping[str, Any]) -> Lookup | None:
    url = _template(given, "lookup")
    names = {"lookup_method", "found", "found_path", "found_id_path", "found_url_path"}
    if url is None:
        if lone := sorted(names & given.keys()):
            raise UsageError(f"the option {lone[0]} says something about the answer of lookup, which is not set")
        if _flag(given, "ask_first"):
            raise UsageError("the option ask_first needs the option lookup: where to ask")
        return None
    if not {"found", "found_path"} & given.keys():
        raise UsageError("the option lookup needs found or found_path: how its answer says that the photo is there")
    return Lookup(
        url,
        _one_of(given, "lookup_method", "GET", "HEAD"),
        read_rule("found", given["found"]) if "found" in given else None,
        _path(given, "found_path"),
        _path(given, "found_id_path"),
        _path(given, "found_url_path"),
        _flag(given, "ask_first"),
    )


def _login(auth: object) -> Login:
    way, _, name = auth.partition(":") if isinstance(auth, str) else ("", "", "")
    named = way in {"header", "field"}
    if way not in {"usual", "bearer", "basic", "none", "header", "field"} or bool(name) != named:
        raise UsageError(
            'the option auth must be "bearer", "basic", "none", "header:NAME" or "field:NAME", '
            'such as "header:X-API-Key"'
        )
    if way == "header" and (_TOKEN.fullmatch(name) is None or name.lower() in _OURS - {"authorization", "cookie"}):
        raise UsageError(f"the option auth names no header that can carry a token: {name!r}")
    return Login(way, _field_name("auth", name) if way == "field" else name)


def _headers(given: Mapping[str, Any]) -> dict[str, Template]:
    headers = _templates(given, "headers")
    for name in headers:
        if name.lower() in _OURS:
            raise UsageError(f"the option headers cannot set {name}; a login goes into a token file, see auth")
        if _TOKEN.fullmatch(name) is None:
            raise UsageError(f"the option headers holds what cannot be the name of a header: {name!r}")
    return headers


def _templates(given: Mapping[str, Any], option: str) -> dict[str, Template]:
    table = given.get(option, {})
    if not isinstance(table, Mapping) or not all(isinstance(value, str | int) for value in table.values()):
        raise UsageError(f'the option {option} must be a table of texts: {{ title = "{{stem}}" }}')
    return {str(name): Template(_text(value), NAMES) for name, value in table.items()}


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _template(given: Mapping[str, Any], option: str) -> Template | None:
    return _read(given, option, lambda text: Template(text, NAMES))


def _path(given: Mapping[str, Any], option: str) -> str | None:
    return _read(given, option, lambda text: read_path(option, text))


def _read(given: Mapping[str, Any], option: str, read: Callable[[str], T]) -> T | None:
    if option not in given:
        return None
    if not isinstance(given[option], str) or not given[option].strip():
        raise UsageError(f"the option {option} must be text: {OPTIONS[option]}")
    return read(given[option])


def _one_of(given: Mapping[str, Any], option: str, usual: str, other: str) -> str:
    value = given.get(option, usual)
    if value not in {usual, other} if isinstance(value, str) else True:
        raise UsageError(f"the option {option} must be {usual} or {other}")
    return str(value)


def _flag(given: Mapping[str, Any], option: str) -> bool:
    value = given.get(option, False)
    if not isinstance(value, bool):
        raise UsageError(f"the option {option} must be true or false")
    return value


def _field_name(option: str, name: object) -> str:
    if not isinstance(name, str) or _FIELD.fullmatch(name) is None:
        raise UsageError(f"the option {option} must name parts of a form in plain text")
    return name
