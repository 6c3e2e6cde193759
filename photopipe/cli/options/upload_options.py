"""The options that say where photos go, and the upload settings that they make with the configured galleries."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import click
from click.core import ParameterSource

from photopipe.api import kind_of_address
from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.layers import layers_of
from photopipe.cli.config_file.problem import PROFILE
from photopipe.cli.options.completions import complete_gallery
from photopipe.cli.options.config import default_gallery_folder
from photopipe.cli.options.options import DURATION, option, with_options
from photopipe.cli.options.secrets import TokenSources, find_token
from photopipe.cli.terminal.suggestions import did_you_mean
from photopipe.errors import UsageError
from photopipe.settings import FIRST_ANSWER_S, UploadSettings

Command = TypeVar("Command", bound=Callable[..., Any])

SECRET_PARAMETERS: Final = frozenset(
    {"token", "access_token", "auth", "api_key", "apikey", "key", "password", "passwd", "pw", "secret", "sig"}
)
"""Names of query parameters that contain a secret."""

TABLE_OPTIONS: Final = {"ca_bundle", "client_cert", "client_key", "album", "netrc", "on_413"}
"""Keys of a gallery's table that are also names of options."""

LOGIN_KEYS: Final = {"to", "user", "token", "token_file", "token_command"}

COMMON_KEYS: Final = TABLE_OPTIONS | LOGIN_KEYS | {"transfers"}
"""Keys that every gallery's table may have; the others are for its kind."""

LOGIN_OPTIONS: Final = (
    option(
        "--token-file",
        section="Gallery",
        type=click.Path(),
        help="File with the gallery's token; or set PHOTOPIPE_TOKEN.",
    ),
    option("--user", section="Gallery", metavar="NAME", help="Log in as NAME; the token is the password."),
    option(
        "--login-in-url",
        section="Gallery",
        rare=True,
        is_flag=True,
        help="Allow a login or a token in the address given with --to.",
    ),
    option(
        "--netrc",
        section="Gallery",
        rare=True,
        is_flag=True,
        help="If there is no token, look up the login in ~/.netrc.",
    ),
    option(
        "--ca-bundle",
        section="Gallery",
        rare=True,
        type=click.Path(),
        help="File with the certificate authorities to trust (PEM).",
    ),
    option(
        "--client-cert",
        section="Gallery",
        rare=True,
        type=click.Path(),
        help="File with the client certificate (PEM), with or without its key.",
    ),
    option(
        "--client-key",
        section="Gallery",
        rare=True,
        type=click.Path(),
        help="File with the client certificate's key, if it is separate.",
    ),
    option(
        "--timeout",
        section="Gallery",
        rare=True,
        type=DURATION,
        shown_default="60s",
        help="How long the gallery may be silent during an upload.",
    ),
)

OPTIONS: Final = (
    option(
        "--to",
        section="Gallery",
        brief="Gallery: immich+https://host, or a configured name.",
        multiple=True,
        metavar="URL|NAME",
        shell_complete=complete_gallery,
        help="Gallery: an address such as immich+https://host, or the name of a configured one. Repeat it to send "
        "each photo to several. Default: the embedded gallery.",
    ),
    *LOGIN_OPTIONS,
    option(
        "--gallery-dir",
        section="Gallery",
        rare=True,
        type=click.Path(),
        default=default_gallery_folder,
        help="Folder of the embedded gallery. Default: photopipe in your picture folder.",
    ),
    option(
        "--album",
        section="Gallery",
        metavar="TEMPLATE",
        help="Album to put each photo in: '{folder}', '{taken_at:%Y-%m}'.",
    ),
    option(
        "--transfers",
        section="Speed and limits",
        type=click.IntRange(1, 256),
        default=4,
        help="Maximum uploads at the same time per gallery.",
    ),
    option(
        "--bwlimit",
        section="Speed and limits",
        metavar="RATE|TIMETABLE",
        help="Bytes per second: 2M, or '08:00,500k 23:00,off'.",
    ),
    option(
        "--on-413",
        section="Gallery",
        rare=True,
        type=click.Choice(["fail", "shrink"]),
        default="fail",
        help="If a file is too large for the gallery: let the photo fail, or shrink it until it fits.",
    ),
    option(
        "--retry-for",
        section="Gallery",
        rare=True,
        type=DURATION,
        shown_default="60s",
        help="How long to keep trying a gallery that has worked before.",
    ),
)

UPLOAD_OPTIONS: Final = frozenset(
    {
        "to", "token_file", "user", "login_in_url", "netrc", "ca_bundle", "client_cert", "client_key", "timeout",
        "album", "transfers", "bwlimit", "on_413", "retry_for",
    }
)  # fmt: skip
"""The parameters of `upload_settings` that click fills."""


@dataclass(frozen=True, slots=True)
class _Login:
    """What the options say about logging in."""

    user: str | None
    token_file: str | None
    is_allowed_in_url: bool


upload_options = with_options(*OPTIONS)
"""Give a command the options that `upload_settings` reads."""


login_options = with_options(*LOGIN_OPTIONS)
"""Give a command only the options for logging in."""


def upload_settings(
    context: click.Context,
    *,
    to: tuple[str, ...],
    token_file: str | None,
    user: str | None,
    login_in_url: bool,
    timeout: float | None,
    retry_for: float | None = None,
    transfers: int | None = None,
    **others: Any,
) -> tuple[UploadSettings, ...]:
    """The galleries of a run, from the values of the options and the configuration.

    Args:
        context: knows which options were given on the command line, and the configuration.
        to: addresses and names of galleries; none for the embedded gallery.
        token_file: file with a token, or None.
        user: who logs in with the token as password, or None.
        login_in_url: whether a login may stand in an address.
        timeout: longest silence of a gallery, or None for the default [seconds].
        retry_for: how long a gallery that has worked is tried, or None for the default [seconds].
        transfers: most uploads at the same time per gallery, or None for the default.
        others: settings of the same name as their option.

    Raises:
        UsageError: a gallery cannot be understood, or is named twice.
    """
    chosen = {"workers": transfers, "read_timeout_s": timeout, "retry_for_s": retry_for} | others
    base = UploadSettings(**{name: value for name, value in chosen.items() if value is not None})
    base = replace(base, first_answer_s=min(base.retry_for_s, FIRST_ANSWER_S))
    named = [text for text in to if text]
    if not named:
        return (base,)
    _check_unambiguous(context, named)
    login = _Login(user, token_file, login_in_url)
    return tuple(_settings_of(text, context, base, login, is_only=len(named) == 1) for text in named)


def configured_galleries(context: click.Context) -> tuple[dict[str, dict[str, Any]], str]:
    """The configuration's galleries by name, and the configuration's path."""
    configuration: Configuration = context.find_root().obj or Configuration("")
    return dict(configuration.galleries), configuration.path


def options_of_kind(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a gallery's table says that only its kind understands."""
    return {key: value for key, value in table.items() if key not in COMMON_KEYS}


def split_address(text: str, *, login_in_url: bool = False) -> tuple[str, str, tuple[str | None, str | None]]:
    """Split what was given with `--to` into the kind, the address, and user and password.

    Args:
        text: `https://host/path`, `KIND+https://host/path` or `KIND://path`.
        login_in_url: whether a login or token may stand in it.

    Raises:
        UsageError: it is not an address, or holds a secret. The message never repeats it.
    """
    match = re.fullmatch(r"(?:([a-z0-9_-]+)\+)?([a-z0-9_-]+)(://.*)", text.strip(), re.DOTALL | re.IGNORECASE)
    if match is None:
        raise UsageError("the gallery's address must start with a scheme, such as https:// or immich+https://.")
    if not _is_utf8(text):
        raise UsageError("the gallery's address is not valid UTF-8. Check how it was typed or pasted.")
    scheme = match[2].lower()
    kind = kind_of_address((match[1] or "").lower(), scheme)
    url = scheme + match[3]
    _refuse_secrets(url, login_in_url=login_in_url)
    url, login = _without_login(url) if login_in_url else (url, (None, None))
    return kind, url, login


def _check_unambiguous(context: click.Context, named: Sequence[str]) -> None:
    if len(set(named)) != len(named):
        raise UsageError("--to names the same gallery twice; leave one of them out.")
    if len(named) > 1 and context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE:
        raise UsageError(
            "--token-file works with one gallery only; with several, put each token into the gallery's "
            "[galleries.NAME] table."
        )


def _settings_of(
    text: str, context: click.Context, base: UploadSettings, login: _Login, *, is_only: bool
) -> UploadSettings:
    """The settings of one gallery, given by its address or its name in the configuration."""
    tables, config_path = configured_galleries(context)
    name = "" if "://" in text else text
    table = _table_of(name, tables, config_path) if name else {}
    kind, url, in_url = split_address(table.get("to", text), login_in_url=login.is_allowed_in_url)
    user = login.user or table.get("user") or in_url[0]
    is_flag = context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE
    sources = TokenSources(
        name, is_only, login.token_file if is_flag else None, table, config_path, user is not None, login.token_file
    )
    settings = _with_table(context, base, table) if name else base
    token = in_url[1] or find_token(sources)
    return replace(settings, endpoint_url=url, kind=kind, name=name, username=user, token=token)


def _table_of(name: str, tables: Mapping[str, dict[str, Any]], config_path: str) -> dict[str, Any]:
    if name not in tables:
        shown = name if name.isprintable() and len(name) <= 60 else "..."
        known = ", ".join(sorted(tables)) or "none"
        raise UsageError(
            f"--to {shown}: is not an address, and no gallery of this name is configured.{did_you_mean(name, tables)} "
            f"Configured: {known}. Add one with `photopipe galleries add NAME`."
        )
    if not isinstance(tables[name].get("to"), str):
        raise UsageError(
            f'{config_path}: [galleries.{name}] needs an address: to = "immich+https://photos.example.org"'
        )
    return tables[name]


def _with_table(context: click.Context, base: UploadSettings, table: Mapping[str, Any]) -> UploadSettings:
    """The settings of the options, overridden by the table where an option was not given."""
    of_table = {key: table[key] for key in TABLE_OPTIONS & table.keys() if not _is_given(context, key)}
    if "transfers" in table and not _is_given(context, "transfers"):
        of_table["workers"] = table["transfers"]
    return replace(base, options=options_of_kind(table), **of_table)


def _is_given(context: click.Context, name: str) -> bool:
    """Whether an option is meant for this run, by a flag, the environment or the profile."""
    if context.get_parameter_source(name) in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}:
        return True
    layer = layers_of(context).origin(name)
    return layer is not None and layer.table[0] == PROFILE


def _is_utf8(text: str) -> bool:
    return not re.search("[\ud800-\udfff]", text)


def _refuse_secrets(url: str, *, login_in_url: bool) -> None:
    try:
        parts = urlsplit(url)
        names = {pair.partition("=")[0].lower() for pair in parts.query.split("&")}
    except ValueError:
        raise UsageError("the gallery's address is not valid: check its host and port.") from None
    if ("@" in parts.netloc or names & SECRET_PARAMETERS) and not login_in_url:
        raise UsageError(
            "the gallery's address contains a user name, a password or a token, which everybody on this machine can "
            "read in the list of processes. Give --user and a --token-file instead, or allow it with --login-in-url."
        )


def _without_login(url: str) -> tuple[str, tuple[str | None, str | None]]:
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, (None, None)
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user) or None, unquote(password) or None)
