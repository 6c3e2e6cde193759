"""Options of whoever sends photos: where to, who we are there, and how patiently."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from photopipe.cli.destinations import Asked, destinations
from photopipe.cli.options import DURATION, default_gallery_folder, option
from photopipe.settings import FIRST_ANSWER_S, UploadSettings

Command = TypeVar("Command", bound=Callable[..., Any])

LOGIN_OPTIONS = (
    option("--token-file", type=click.Path(), help="File with the gallery's token; or set PHOTOPIPE_TOKEN."),
    option("--user", metavar="NAME", help="Log in as NAME, with the token as password."),
    option("--login-in-url", is_flag=True, help="Allow a login or a token in the address after --to."),
    option("--netrc", is_flag=True, help="Without a token, look up the login in ~/.netrc."),
    option("--ca-bundle", type=click.Path(), help="File with the certificates of trusted authorities."),
    option("--client-cert", type=click.Path(), help="File with our own certificate, and perhaps its key."),
    option("--client-key", type=click.Path(), help="File with the certificate's key, if it is apart."),
    option("--timeout", type=DURATION, default="60s", help="Longest silence of the gallery during one upload."),
)

OPTIONS = (
    option(
        "--to",
        multiple=True,
        metavar="URL|NAME",
        help="Gallery: an address such as immich+https://host, or a configured name. Repeat it to send each photo "
        "to several. Default: the embedded gallery.",
    ),
    *LOGIN_OPTIONS,
    option("--gallery-dir", type=click.Path(), default=default_gallery_folder, help="Folder of the embedded gallery."),
    option("--album", metavar="TEMPLATE", help="Album for each photo: '{folder}', '{taken_at:%Y-%m}'."),
    option("--transfers", type=click.IntRange(1, 256), default=4, help="Most uploads at the same time, per gallery."),
    option("--bwlimit", metavar="RATE|TIMETABLE", help="Bytes a second: 2M, or '08:00,500k 23:00,off'."),
    option(
        "--on-413",
        type=click.Choice(["fail", "shrink"]),
        default="fail",
        help="When a photo's file is too large for the gallery: let it fail, or make it smaller.",
    ),
    option("--retry-for", type=DURATION, default="60s", help="How long to try a gallery that has worked before."),
)

UPLOAD_OPTIONS = frozenset(
    {
        "to", "token_file", "user", "login_in_url", "netrc", "ca_bundle", "client_cert", "client_key", "timeout",
        "album", "transfers", "bwlimit", "on_413", "retry_for",
    }
)  # fmt: skip
"""The names under which click gives `upload_settings` its values."""


def upload_options(command: Command) -> Command:
    """Give a command the options that `upload_settings` reads."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def login_options(command: Command) -> Command:
    """Give a command only those that say how to get in."""
    for add in reversed(LOGIN_OPTIONS):
        command = add(command)
    return command


def upload_settings(
    context: click.Context,
    *,
    to: tuple[str, ...],
    token_file: str | None,
    user: str | None,
    login_in_url: bool,
    timeout: float,
    transfers: int = 4,
    retry_for: float = 60.0,
    **others: Any,
) -> tuple[UploadSettings, ...]:
    """The galleries of a run from the values of the options; those of the same name are handed on."""
    base = UploadSettings(
        workers=transfers,
        read_timeout_s=timeout,
        retry_for_s=retry_for,
        first_answer_s=min(retry_for, FIRST_ANSWER_S),
        **others,
    )
    return destinations(Asked(context, to, base, token_file, user, login_in_url))
