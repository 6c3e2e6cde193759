"""What the commands do with tokens and the password: a running gallery sees each change at once."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from photopipe.errors import UsageError
from photopipe.gallery.access.access_file import change_credentials, stored_credentials
from photopipe.gallery.access.credentials import (
    Credentials,
    NamedToken,
    PasswordHash,
    new_session_key,
    new_token,
    sha256_of,
)
from photopipe.gallery.store.identity import create_gallery

SHORTEST_PASSWORD: Final = 8
LONGEST_NAME: Final = 64


def add_token(folder: str, name: str) -> str:
    """Make a token; the gallery is made, too, if there is none yet.

    Args:
        folder: the gallery's folder.
        name: who or what will use it.

    Returns:
        The token. It is not kept, and cannot be shown again.

    Raises:
        UsageError: the name cannot be one, or another token has it.
        GalleryBroken: the folder cannot be used.
    """
    if not 0 < len(name) <= LONGEST_NAME or any(unicodedata.category(char).startswith(("C", "Z")) for char in name):
        raise UsageError(f"a token's name is one word of at most {LONGEST_NAME} characters, such as camera-room")
    token = new_token()
    added = NamedToken(name, sha256_of(token), datetime.now(UTC).isoformat(timespec="seconds"))

    def add(found: Credentials) -> Credentials:
        if any(one.name == name for one in found.tokens):
            raise UsageError(f"there is a token called {name} already; choose another name, or remove that one first")
        return replace(found, tokens=(*found.tokens, added))

    create_gallery(folder)
    change_credentials(folder, add)
    return token


def list_tokens(folder: str) -> list[NamedToken]:
    """The tokens of a gallery, the oldest first.

    Raises:
        GalleryBroken: they cannot be read.
    """
    return list(stored_credentials(folder).tokens)


def remove_token(folder: str, name: str) -> None:
    """Make a token worthless, and end the sessions that began with it.

    Raises:
        UsageError: there is none of this name.
        GalleryBroken: the folder cannot be used.
    """

    def remove(found: Credentials) -> Credentials:
        kept = tuple(one for one in found.tokens if one.name != name)
        if len(kept) == len(found.tokens):
            raise UsageError(f"there is no token called {name}")
        return replace(found, tokens=kept)

    create_gallery(folder)
    change_credentials(folder, remove)


def set_password(folder: str, password: str | None) -> None:
    """Set the password for viewing, or remove it; all sessions end. The gallery is made, too, if there is none yet.

    Args:
        folder: the gallery's folder.
        password: the new one, or None for none.

    Raises:
        UsageError: it is too short.
        GalleryBroken: the folder cannot be used.
    """
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"the password is too short: it needs at least {SHORTEST_PASSWORD} characters")
    hashed = PasswordHash.of(password) if password is not None else None
    create_gallery(folder)
    change_credentials(folder, lambda found: replace(found, password=hashed, session_key=new_session_key()))
