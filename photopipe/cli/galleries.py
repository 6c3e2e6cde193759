"""`photopipe galleries`: which kinds there are, which are configured, and whether they answer."""

import json
import os
import re
from typing import Any

import click

from photopipe.assembly import check_gallery, kinds_of_galleries
from photopipe.cli.console import Console
from photopipe.cli.destinations import configured_galleries, split_address
from photopipe.cli.upload_options import login_options, upload_settings
from photopipe.errors import LineError, UsageError
from photopipe.files.characters import printable
from photopipe.settings import UploadSettings

TEST_S = 3.0
"""How long a gallery is tried while a person waits for the answer."""


@click.group(invoke_without_command=True, short_help="List, add and test galleries.")
@click.pass_context
def galleries(context: click.Context) -> None:
    """List the kinds of galleries and those in the configuration; add one; test one."""
    if context.invoked_subcommand is not None:
        return
    console = Console()
    tables, path = configured_galleries(context)
    console.data("Kinds:")
    for name, provider in kinds_of_galleries().items():
        console.data(f"  {name:<11} {provider}")
    console.data(f"Configured in {printable(path)}:" if tables else f"None is configured in {printable(path)}.")
    for name, table in sorted(tables.items()):
        console.data(f"  {printable(name):<11} {printable(_place(table))}")


def _place(table: dict[str, Any]) -> str:
    """Kind and address of a configured gallery, without a query, which may hold a secret."""
    try:
        kind, url, _ = split_address(str(table.get("to", "")))
    except UsageError as error:
        return f"(unusable: {error})"
    return f"{kind}: {url.partition('?')[0]}"


@galleries.command(short_help="See whether a gallery answers and lets us in.")
@click.argument("gallery", metavar="URL|NAME")
@login_options
@click.pass_context
def test(context: click.Context, /, *, gallery: str, **values: Any) -> None:
    """Ask the gallery who it is and whether it would take photos; nothing is sent."""
    (settings,) = upload_settings(context, to=(gallery,), retry_for=TEST_S, **values)
    _tell_health(settings, Console())


def _tell_health(settings: UploadSettings, console: Console) -> None:
    health = check_gallery(settings)
    console.data(printable(health.words))
    for warning in health.warnings:
        console.talk(f"warning: {printable(warning)}")


@galleries.command(short_help="Ask what is needed, test it, and write it into the configuration.")
@click.argument("name")
@click.option("--to", "address", metavar="URL", help="The gallery's address; asked for if it is missing.")
@click.option("--user", metavar="USER", help="Who logs in with the token as password.")
@click.pass_context
def add(context: click.Context, /, *, name: str, address: str | None, user: str | None) -> None:
    """Ask for the address and the token of a gallery, test both, and remember them as NAME.

    The token goes into a file of its own that only you can read. PHOTOPIPE_TOKEN, if it is set, is
    taken instead of asking.
    """
    tables, path = configured_galleries(context)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name):
        raise UsageError(f"{name!r} is no name for a gallery: write small letters, digits, - and _")
    if name in tables:
        raise UsageError(f"{path}: there is a gallery called {name!r} already")
    address = address or click.prompt("Address (such as immich+https://photos.example.org)", err=True)
    kind, url, _ = split_address(address)
    token = _asked_token(kind)
    settings = UploadSettings(
        url, token, kind=kind, name=name, username=user, retry_for_s=TEST_S, first_answer_s=TEST_S
    )
    try:
        _tell_health(settings, Console())
    except (LineError, UsageError) as error:
        click.echo(f"The test failed: {printable(str(error))}", err=True)
        if not click.confirm("Remember it all the same?", err=True):
            raise
    _remember(path, settings, address)
    click.echo(f"Use it with: photopipe process FOLDER --to {name}", err=True)


def _asked_token(kind: str) -> str | None:
    if os.environ.get("PHOTOPIPE_TOKEN"):
        return os.environ["PHOTOPIPE_TOKEN"].strip()
    if kind == "folder":
        return None
    said = click.prompt(
        "Token, API key or password (empty for none)", default="", hide_input=True, show_default=False, err=True
    )
    return said or None


def _remember(path: str, settings: UploadSettings, address: str) -> None:
    """Append the gallery's table; the token goes into a file beside it that is private from its first byte."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, mode=0o700, exist_ok=True)
    lines = [f"\n[galleries.{settings.name}]", f"to = {json.dumps(address)}"]
    if settings.username:
        lines.append(f"user = {json.dumps(settings.username)}")
    if settings.token:
        token_path = os.path.join(os.path.abspath(folder), f"{settings.name}.token")
        with open(os.open(token_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(settings.token + "\n")
        lines.append(f"token_file = {json.dumps(token_path)}")
    with open(path, "a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
