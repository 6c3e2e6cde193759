"""Where a token may come from, and what it may look like. No message here ever shows one."""

import os
import shlex
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from photopipe.errors import UsageError

TOKEN_VARIABLE: Final = "PHOTOPIPE_TOKEN"  # noqa: S105 - the name of a variable
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
COMMAND_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class TokenPlaces:
    """Where the token of one gallery may be, besides the variables of its name.

    Attributes:
        name: of the gallery in the configuration, empty if it has none.
        is_only: whether it is the only gallery of the run; then `PHOTOPIPE_TOKEN` and `--token-file` mean it.
        flag_file: what `--token-file` names on the command line, or None.
        table: the gallery's table of the configuration.
        config_path: where that stands.
        is_password: it goes with a user name, so it may hold spaces and letters beyond ASCII.
        file: what `--token-file` names by environment or configuration, or None.
    """

    name: str = ""
    is_only: bool = True
    flag_file: str | None = None
    table: Mapping[str, Any] = field(default_factory=dict)
    config_path: str = ""
    is_password: bool = False
    file: str | None = None


def find_token(places: TokenPlaces) -> str | None:
    """The gallery's token, or None if there is none.

    Looked for in this order: `--token-file` on the command line; `PHOTOPIPE_TOKEN_NAME` and
    `PHOTOPIPE_TOKEN_NAME_FILE`; `PHOTOPIPE_TOKEN` and `PHOTOPIPE_TOKEN_FILE`, for the only gallery; the
    service manager's credential `photopipe-NAME` or `photopipe`; `token_file`, `token_command` and
    `token` of the gallery's table.

    Raises:
        UsageError: a place is named and cannot be read, or what is there cannot be a token.

    Source: systemd.exec(5), LoadCredential=, for `CREDENTIALS_DIRECTORY`.
    """
    if places.flag_file is not None and places.is_only:
        return _from_file(places.flag_file, places)
    for variable in _variables(places):
        if os.environ.get(variable):
            return _checked(os.environ[variable], variable, places)
        if os.environ.get(f"{variable}_FILE"):
            return _from_file(os.environ[f"{variable}_FILE"], places)
    credential = _credential(places)
    if credential is not None:
        return _from_file(credential, places)
    return _from_table(places)


def _variables(places: TokenPlaces) -> list[str]:
    own = [f"{TOKEN_VARIABLE}_{places.name.upper().replace('-', '_')}"] if places.name else []
    return own + ([TOKEN_VARIABLE] if places.is_only else [])


def _credential(places: TokenPlaces) -> str | None:
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    names = ([f"photopipe-{places.name}"] if places.name else []) + (["photopipe"] if places.is_only else [])
    files = [os.path.join(folder, name) for name in names] if folder else []
    return next((file for file in files if os.path.exists(file)), None)


def _from_table(places: TokenPlaces) -> str | None:
    table = places.table
    if "token_file" in table:
        return _from_file(os.path.expanduser(str(table["token_file"])), places)
    if "token_command" in table:
        return _from_command(table["token_command"], places)
    if "token" in table:
        _require_private(places.config_path)
        return _checked(str(table["token"]), f"{places.config_path}: [galleries.{places.name}] token", places)
    return _from_file(places.file, places) if places.file and places.is_only else None


def _from_file(path: str, places: TokenPlaces) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return _checked(file.read(), path, places)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"{path}: the token cannot be read: {why}") from error


def _from_command(command: object, places: TokenPlaces) -> str:
    """What a program says; its complaints go to our stderr."""
    words = command if isinstance(command, list) else shlex.split(str(command))
    where = f"the token_command of [galleries.{places.name}]"
    try:
        said = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_LIMIT_S, check=False
        )
        text = said.stdout.decode("utf-8")
    except subprocess.TimeoutExpired:
        raise UsageError(f"{where} has said nothing for {COMMAND_LIMIT_S:.0f} s") from None
    except (OSError, TypeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it does not print text"
        raise UsageError(f"{where} cannot be run: {why}") from None
    if said.returncode != 0:
        raise UsageError(f"{where} failed with exit code {said.returncode}")
    return _checked(text.partition("\n")[0], where, places)


def _require_private(path: str) -> None:
    """Refuse a file with a token in it that others can read."""
    if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
        raise UsageError(f"{path}: holds a token, and others can read it. Run: chmod 600 {shlex.quote(path)}")


def _checked(text: str, place: str, places: TokenPlaces) -> str:
    token = text.strip("\r\n") if places.is_password else text.strip()
    if places.is_password and token and token.isprintable():
        return token
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{place}: what is there cannot be a token; a token is one word of ASCII characters")
    return token
