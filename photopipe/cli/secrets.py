"""Where a token may come from, and what it may look like."""

import os

import click
from click.core import ParameterSource

from photopipe.errors import UsageError

TOKEN_VARIABLE = "PHOTOPIPE_TOKEN"  # noqa: S105 - the name of a variable


def find_token(context: click.Context, token_file: str | None) -> str | None:
    """The gallery's token: from `--token-file`, else `PHOTOPIPE_TOKEN`, else a configured file.

    Raises:
        UsageError: the file cannot be read, or what is in it cannot be a token. The message never shows it.
    """
    is_flag = context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE
    variable = os.environ.get(TOKEN_VARIABLE)
    if variable and not is_flag:
        return _checked(variable, TOKEN_VARIABLE)
    if token_file is None:
        return None
    try:
        with open(token_file, encoding="utf-8") as file:
            return _checked(file.read(), token_file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"{token_file}: the token cannot be read: {why}") from error


def _checked(text: str, place: str) -> str:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{place}: what is there cannot be a token; a token is one word of ASCII characters")
    return token
