"""`photopipe galleries`: list the kinds of galleries and the configured ones, add one, test one."""

import os
import re
import sys
import tomllib
from dataclasses import replace
from typing import Any

import click

from photopipe.api import check_gallery, kinds_of_galleries, needs_token
from photopipe.cli.config_file.problem import GALLERIES
from photopipe.cli.help.command import Command
from photopipe.cli.options.completions import complete_gallery
from photopipe.cli.options.secrets import TokenSources, check_token, find_token
from photopipe.cli.options.upload_options import configured_galleries, login_options, split_address, upload_settings
from photopipe.cli.terminal.console import Console
from photopipe.errors import LineError, UsageError
from photopipe.files.characters import printable
from photopipe.settings import UploadSettings

TEST_S = 3.0
"""How long a gallery is tried while a person is waiting."""


@click.group(invoke_without_command=True, short_help="List, add and test galleries.")
@click.pass_context
def galleries(context: click.Context) -> None:
    """List the kinds of galleries and the configured ones, add one to the configuration, or test one."""
    if context.invoked_subcommand is not None:
        return
    console = Console()
    tables, path = configured_galleries(context)
    console.data("Kinds:")
    for name, provider in kinds_of_galleries().items():
        console.data(f"  {name:<11} {provider}")
    console.data(f"Configured in {printable(path)}:" if tables else f"No gallery is configured in {printable(path)}.")
    for name, table in sorted(tables.items()):
        console.data(f"  {printable(name):<11} {printable(_address(table))}")


def _address(table: dict[str, Any]) -> str:
    """Kind and address of a configured gallery, without the query, which may contain a secret."""
    try:
        kind, url, _ = split_address(str(table.get("to", "")))
    except UsageError as error:
        return f"(unusable: {error})"
    return f"{kind}: {url.partition('?')[0]}"


@galleries.command(cls=Command, short_help="See whether a gallery answers and accepts the login.")
@click.argument("gallery", metavar="URL|NAME", shell_complete=complete_gallery)
@login_options
@click.pass_context
def test(context: click.Context, /, *, gallery: str, **values: Any) -> None:
    """Ask a gallery what it is and whether it would take photos; nothing is uploaded."""
    (settings,) = upload_settings(context, to=(gallery,), retry_for=TEST_S, **values)
    _show_health(settings, Console())


def _show_health(settings: UploadSettings, console: Console) -> None:
    health = check_gallery(settings)
    console.data(printable(health.summary))
    for warning in health.warnings:
        console.message(f"warning: {printable(warning)}")


@galleries.command(short_help="Add a gallery to the configuration.")
@click.argument("name")
@click.option("--to", "address", metavar="URL", help="The gallery's address; if it is missing, you are asked for it.")
@click.option("--user", metavar="USER", help="Log in as USER; the token is the password.")
@click.pass_context
def add(context: click.Context, /, *, name: str, address: str | None, user: str | None) -> None:
    """Ask for the address and the token of a gallery, test them, and save them in the configuration as NAME.

    The token is saved in a file of its own that only you can read. If PHOTOPIPE_TOKEN is set, it is
    used without asking.
    """
    tables, path = configured_galleries(context)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name):
        raise UsageError(f"{name!r} cannot be the name of a gallery: use lower-case letters, digits, - and _.")
    if name in tables:
        raise UsageError(
            f"{path}: there is already a gallery called {name!r}; choose another name, or remove its table."
        )
    if user is not None and not user.isprintable():
        raise UsageError("--user: has characters that cannot be printed; check how it is encoded.")
    address = address or _ask("Address (such as immich+https://photos.example.org)", instead="give it with --to")
    kind, url, _ = split_address(address)
    settings = UploadSettings(url, kind=kind, name=name, username=user, retry_for_s=TEST_S, first_answer_s=TEST_S)
    settings = replace(settings, token=_token(settings))
    try:
        _show_health(settings, Console())
    except (LineError, UsageError) as error:
        click.echo(f"The test failed: {printable(str(error))}", err=True)
        if not (sys.stdin.isatty() and click.confirm("Save it anyway?", err=True)):
            raise
    _save(path, settings, address)
    click.echo(f"Use it with: photopipe process FOLDER --to {name}", err=True)


def _token(settings: UploadSettings) -> str | None:
    """The token from the environment or, for a gallery that may want one, from the terminal."""
    is_password = settings.username is not None
    found = find_token(TokenSources(settings.name, is_password=is_password))
    if found is not None or not needs_token(settings):
        return found
    question = "Token, API key or password (empty for none)"
    typed = _ask(question, instead="set PHOTOPIPE_TOKEN", default="", hide_input=True, show_default=False)
    return check_token(typed, "the token", is_password=is_password) if typed else None


def _ask(question: str, *, instead: str, **options: Any) -> str:
    """Ask a person.

    Args:
        question: what is asked.
        instead: what is to be done where nobody can be asked.
        **options: as `click.prompt` takes them.

    Raises:
        UsageError: standard input is no terminal.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"nobody can be asked for this, because there is no terminal: {question}; {instead}")
    return str(click.prompt(question, err=True, **options))


def _save(path: str, settings: UploadSettings, address: str) -> None:
    """Add the gallery's table to the configuration, and put its token into a file beside it.

    Raises:
        UsageError: a file cannot be written, or the configuration could not be read back; it is as it was.
    """
    from photopipe.files.replacing import replace_file

    folder = os.path.dirname(os.path.abspath(path))
    table = {"to": address} | ({"user": settings.username} if settings.username else {})
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if settings.token:
            table["token_file"] = os.path.join(folder, f"{settings.name}.token")
            _write_token(table["token_file"], settings.token)
        replace_file(path, with_gallery(_content(path), settings.name, table), mode=0o600)
    except OSError as error:
        raise UsageError(
            f"{error.filename or path}: cannot be written: {error.strerror}. Check the folder and its permissions."
        ) from error


def _write_token(path: str, token: str) -> None:
    """Write the token so that nobody else can read it, not even if there was a public file of this name."""
    from photopipe.files.replacing import replace_file

    if os.path.exists(path):
        os.chmod(path, 0o600)
    replace_file(path, f"{token}\n".encode(), mode=0o600)


def with_gallery(config: str, name: str, table: dict[str, str]) -> bytes:
    """The configuration with one more gallery; comments and the order of everything else stay.

    Args:
        config: the text of the configuration, which has no gallery of this name.
        name: what the gallery is called.
        table: its keys and values.

    Raises:
        UsageError: the result would not say the same as before with this gallery added.
    """
    import tomlkit

    document = tomlkit.parse(config)
    added = tomlkit.table()
    added.update(table)
    if GALLERIES not in document:
        document.add(GALLERIES, tomlkit.table(is_super_table=True))
    document[GALLERIES][name] = added  # `read_config` has made sure that it is a table
    changed = tomlkit.dumps(document)
    expected = tomllib.loads(config)
    expected.setdefault(GALLERIES, {})[name] = table
    if tomllib.loads(changed) != expected:
        raise UsageError(f"the gallery cannot be added to this configuration; write [{GALLERIES}.{name}] by hand.")
    return changed.encode()


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
