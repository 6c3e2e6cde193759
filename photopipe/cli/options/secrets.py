"""Where a token may come from, and what it may look like. No message ever shows one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from photopipe.errors import UsageError
from photopipe.files.permissions import others_can_read

TOKEN_VARIABLE: Final = "PHOTOPIPE_TOKEN"  # noqa: S105 - the name of a variable
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
COMMAND_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class TokenSources:
    """Where the token of one gallery may be, besides environment variables.

    Attributes:
        name: of the gallery in the configuration, empty if it has none.
        is_only: whether it is the only gallery of the run, to which `PHOTOPIPE_TOKEN` and `--token-file` apply.
        flag_file: the file that `--token-file` names on the command line, or None.
        table: the gallery's table of the configuration.
        config_path: the configuration's file.
        is_password: whether it goes with a user name, and so may contain spaces and letters beyond ASCII.
        file: the file that `--token-file` names in the environment or the configuration, or None.
    """

    name: str = ""
    is_only: bool = True
    flag_file: str | None = None
    table: Mapping[str, Any] = field(default_factory=dict)
    config_path: str = ""
    is_password: bool = False
    file: str | None = None


def find_token(sources: TokenSources) -> str | None:
    """The gallery's token, or None if there is none.

    Looked for in this order: `--token-file` on the command line; `PHOTOPIPE_TOKEN_NAME` and
    `PHOTOPIPE_TOKEN_NAME_FILE`; `PHOTOPIPE_TOKEN` and `PHOTOPIPE_TOKEN_FILE`, for the only gallery; the
    service manager's credential `photopipe-NAME` or `photopipe`; `token_file`, `token_command` and
    `token` of the gallery's table.

    Raises:
        UsageError: a source is named and cannot be read, or what it holds cannot be a token.

    Source: systemd.exec(5), LoadCredential=, for `CREDENTIALS_DIRECTORY`.
    """
    if sources.flag_file is not None and sources.is_only:
        return _from_file(sources.flag_file, sources)
    for variable in _variables(sources):
        if os.environ.get(variable):
            return check_token(os.environ[variable], variable, is_password=sources.is_password)
        if os.environ.get(f"{variable}_FILE"):
            return _from_file(os.environ[f"{variable}_FILE"], sources)
    credential = _credential(sources)
    if credential is not None:
        return _from_file(credential, sources)
    return _from_table(sources)


def token_origin(sources: TokenSources) -> str | None:
    """Where `find_token` would find the token, without reading it; None if nowhere."""
    for variable in _variables(sources):
        for name in (variable, f"{variable}_FILE"):
            if os.environ.get(name):
                return name
    credential = _credential(sources)
    if credential is not None:
        return credential
    for key in ("token_file", "token_command", "token"):
        if key in sources.table:
            value = f" = {sources.table[key]}" if key == "token_file" else ""
            return f"[galleries.{sources.name}] {key.replace('_', '-')}{value}"
    return None


def _variables(sources: TokenSources) -> list[str]:
    own = [f"{TOKEN_VARIABLE}_{sources.name.upper().replace('-', '_')}"] if sources.name else []
    return own + ([TOKEN_VARIABLE] if sources.is_only else [])


def _credential(sources: TokenSources) -> str | None:
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    names = ([f"photopipe-{sources.name}"] if sources.name else []) + (["photopipe"] if sources.is_only else [])
    files = [os.path.join(folder, name) for name in names] if folder else []
    return next((file for file in files if os.path.exists(file)), None)


def _from_table(sources: TokenSources) -> str | None:
    table = sources.table
    if "token_file" in table:
        return _from_file(os.path.expanduser(str(table["token_file"])), sources)
    if "token_command" in table:
        return _from_command(table["token_command"], sources)
    if "token" in table:
        _require_private(sources.config_path)
        return check_token(
            str(table["token"]),
            f"{sources.config_path}: [galleries.{sources.name}] token",
            is_password=sources.is_password,
        )
    return _from_file(sources.file, sources) if sources.file and sources.is_only else None


def _from_file(path: str, sources: TokenSources) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return check_token(file.read(), path, is_password=sources.is_password)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(
            f"{path}: the token cannot be read: {why}. Check the path, and who may read the file."
        ) from error


def _from_command(command: object, sources: TokenSources) -> str:
    """The first line that a program prints; its error messages go to our stderr."""
    import shlex
    import subprocess

    where = f"the token_command of [galleries.{sources.name}]"
    try:
        words = command if isinstance(command, list) else shlex.split(str(command))
        answer = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_LIMIT_S, check=False
        )
        text = answer.stdout.decode("utf-8")
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"{where} has not finished within {COMMAND_LIMIT_S:.0f} s. Run it by hand to see what it waits for."
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{where} does not print text. The first line that it prints must be the token.") from None
    except (OSError, TypeError, ValueError) as error:
        raise UsageError(
            f"{where} cannot be run: {getattr(error, 'strerror', None) or error}. "
            "Check the name and path of the program."
        ) from None
    if answer.returncode != 0:
        raise UsageError(f"{where} failed with exit code {answer.returncode}. Its own messages are above.")
    return check_token(text.partition("\n")[0], where, is_password=sources.is_password)


def _require_private(path: str) -> None:
    """Refuse a file with a token that other users can read."""
    if others_can_read(path):
        import shlex

        raise UsageError(f"{path}: contains a token, and other users can read it. Run: chmod 600 {shlex.quote(path)}")


def check_token(text: str, source: str, *, is_password: bool) -> str:
    """The token in a text, without the line end after it.

    Args:
        text: what was found.
        source: where, for the message.
        is_password: whether it may contain spaces and letters beyond ASCII.

    Raises:
        UsageError: it cannot be a token.
    """
    token = text.strip("\r\n") if is_password else text.strip()
    if is_password and token and token.isprintable():
        return token
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{source}: this cannot be a token; a token is one word of ASCII characters.")
    return token
