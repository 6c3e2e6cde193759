"""Which galleries a run sends to: from `--to`, the configuration's `[galleries.NAME]` tables and the options."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import click
from click.core import ParameterSource

from photopipe.assembly import kind_of_address
from photopipe.cli.secrets import TokenPlaces, find_token
from photopipe.errors import UsageError
from photopipe.settings import UploadSettings

SECRET_PARAMETERS: Final = frozenset(
    {"token", "access_token", "auth", "api_key", "apikey", "key", "password", "passwd", "pw", "secret", "sig"}
)
"""Names in an address's query that hold a secret."""

PLAIN_KEYS: Final = {"ca_bundle", "client_cert", "client_key", "album", "netrc", "on_413"}
"""Keys of a table that are also options, of the same name."""

SECRET_KEYS: Final = {"token", "token_file", "token_command"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of a command say about where photos go.

    Attributes:
        context: tells which options were given by hand.
        to: addresses and names, in order; empty for the embedded gallery.
        base: settings that hold for every gallery unless its table says otherwise.
        token_file: what `--token-file` names, or None.
        user: what `--user` names, or None.
        login_in_url: whether a login may stand in an address.
    """

    context: click.Context
    to: Sequence[str]
    base: UploadSettings
    token_file: str | None
    user: str | None
    login_in_url: bool


def destinations(asked: Asked) -> tuple[UploadSettings, ...]:
    """The galleries of a run.

    Raises:
        UsageError: one cannot be understood, or is named twice.
    """
    wanted = [to for to in asked.to if to]
    if not wanted:
        return (asked.base,)
    if len(set(wanted)) != len(wanted):
        raise UsageError("the same gallery is named twice with --to")
    if len(wanted) > 1 and asked.context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE:
        raise UsageError(
            "--token-file is for a single gallery; with several, name each token in its [galleries.NAME] table"
        )
    return tuple(_destination(to, asked, is_only=len(wanted) == 1) for to in wanted)


def _destination(to: str, asked: Asked, *, is_only: bool) -> UploadSettings:
    tables, config_path = configured_galleries(asked.context)
    name = "" if _is_address(to) else to
    if name and name not in tables:
        known = ", ".join(sorted(tables)) or "none"
        raise UsageError(
            f"--to {_shown(name)}: is no address, and no gallery of this name is configured; there are: {known}. "
            "`photopipe galleries add NAME` makes one."
        )
    table = tables[name] if name else {}
    kind, url, login = split_address(_address(table, to, config_path), login_in_url=asked.login_in_url)
    user = asked.user or table.get("user") or login[0]
    is_flag = asked.context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE
    by_hand = asked.token_file if is_flag else None
    places = TokenPlaces(name, is_only, by_hand, table, config_path, user is not None, asked.token_file)
    settings = _with_table(asked, table) if name else asked.base
    token = login[1] or find_token(places)
    return replace(settings, endpoint_url=url, kind=kind, name=name, username=user, token=token)


def configured_galleries(context: click.Context) -> tuple[dict[str, dict[str, Any]], str]:
    """The configuration's galleries by name, and the configuration's path."""
    kept: tuple[dict[str, dict[str, Any]], str] = context.find_root().obj or ({}, "")
    return kept


def split_address(text: str, *, login_in_url: bool = False) -> tuple[str, str, tuple[str | None, str | None]]:
    """Kind, address, and user and password, from what stands after `--to`.

    Args:
        text: `https://host/path`, `KIND+https://host/path` or `KIND://place`.
        login_in_url: whether a login or token may stand in it.

    Raises:
        UsageError: it is no address, or holds a secret. The message never repeats it.
    """
    match = re.fullmatch(r"(?:([a-z0-9_-]+)\+)?([a-z0-9_-]+)(://.*)", text.strip(), re.DOTALL | re.IGNORECASE)
    if match is None:
        raise UsageError("the gallery's address must start with a scheme, such as https:// or immich+https://")
    scheme = match[2].lower()
    kind = kind_of_address((match[1] or "").lower(), scheme)
    url = scheme + match[3]
    _refuse_secrets(url, login_in_url=login_in_url)
    url, login = _without_login(url) if login_in_url else (url, (None, None))
    return kind, url, login


def _is_address(text: str) -> bool:
    return "://" in text


def _address(table: Mapping[str, Any], to: str, config_path: str) -> str:
    if not table:
        return to
    if not isinstance(table.get("to"), str):
        raise UsageError(f'{config_path}: [galleries.{to}] needs an address: to = "immich+https://photos.example.org"')
    return str(table["to"])


def _refuse_secrets(url: str, *, login_in_url: bool) -> None:
    try:
        parts = urlsplit(url)
        names = {pair.partition("=")[0].lower() for pair in parts.query.split("&")}
    except ValueError:
        raise UsageError("the gallery's address cannot be read: check its host and port") from None
    if ("@" in parts.netloc or names & SECRET_PARAMETERS) and not login_in_url:
        raise UsageError(
            "the gallery's address holds a user name, a password or a token, which everybody on this machine can read "
            "in the list of processes. Give --user and a --token-file instead, or allow it with --login-in-url."
        )


def _without_login(url: str) -> tuple[str, tuple[str | None, str | None]]:
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, (None, None)
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user) or None, unquote(password) or None)


def _with_table(asked: Asked, table: Mapping[str, Any]) -> UploadSettings:
    """The options' settings, and the table's where no option was given by hand."""
    known = {key: table[key] for key in PLAIN_KEYS & table.keys() if not _by_hand(asked.context, key)}
    options = {
        key: value for key, value in table.items() if key not in PLAIN_KEYS | SECRET_KEYS | {"to", "user", "transfers"}
    }
    if "transfers" in table and not _by_hand(asked.context, "transfers"):
        known["workers"] = table["transfers"]
    return replace(asked.base, options=options, **known)


def _by_hand(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}


def _shown(text: str) -> str:
    return text if text.isprintable() and len(text) <= 60 else "..."
