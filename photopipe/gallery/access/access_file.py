"""`.photopipe/access.json`: the tokens and the password of a gallery, readable by its owner alone."""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from photopipe.errors import GalleryBroken
from photopipe.files.replacing import replace_file
from photopipe.gallery.access.credentials import Credentials, NamedToken, PasswordHash
from photopipe.gallery.index.index import state_folder

_VERSION: Final = 1


class AccessFile:
    """The credentials in a gallery's folder, as they are now: a change counts at once, without a restart.

    Args:
        folder: the gallery's folder.
        given: a token that was given at the start, beside those in the file, or None.
    """

    def __init__(self, folder: str, given: NamedToken | None = None) -> None:
        self._path = access_path(folder)
        self._given = (given,) if given is not None else ()
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._credentials = Credentials(self._given)

    def read(self) -> Credentials:
        """What is recognised now; the file is opened only if it has changed.

        Raises:
            GalleryBroken: it cannot be read.
        """
        with self._lock:
            seen = _state_of(self._path)
            if seen != self._seen:
                found = _read(self._path) or Credentials()
                self._credentials = Credentials(self._given + found.tokens, found.password, found.session_key)
                self._seen = seen
            return self._credentials


def change_credentials(folder: str, change: Callable[[Credentials], Credentials]) -> None:
    """Replace the file by what `change` makes of its content; one change after the other, each whole or not at all.

    Args:
        folder: the folder of a gallery that exists.
        change: gets what there is. An exception leaves everything as it was.

    Raises:
        GalleryBroken: the file cannot be read or written.
    """
    path = access_path(folder)
    with _lock(folder):
        changed = change(_read(path) or Credentials())
        try:
            _write(path, changed)
        except OSError as error:
            raise GalleryBroken(f"{path}: cannot be written: {error.strerror}") from error


def stored_credentials(folder: str) -> Credentials:
    """What the file holds; nothing if there is none.

    Raises:
        GalleryBroken: it cannot be read.
    """
    return _read(access_path(folder)) or Credentials()


def access_path(folder: str) -> str:
    """Where a gallery keeps its tokens and its password."""
    return os.path.join(state_folder(os.path.abspath(folder)), "access.json")


def _state_of(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise GalleryBroken(f"{path}: cannot be read: {error.strerror}") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _read(path: str) -> Credentials | None:
    try:
        with open(path, encoding="utf-8") as file:
            return _parsed(json.load(file))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GalleryBroken(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        message = "it does not hold tokens and a password in a form that this version knows"
        raise GalleryBroken(f"{path}: {message}. Restore it from a backup, or remove it and add them again.") from error


def _parsed(content: dict[str, Any]) -> Credentials:
    if content["version"] != _VERSION:
        raise ValueError(content["version"])
    password = content["password"]
    return Credentials(
        tuple(NamedToken(one["name"], one["sha256"], one["added_at"]) for one in content["tokens"]),
        PasswordHash(**password) if password is not None else None,
        bytes.fromhex(content["session_key"]),
    )


def _write(path: str, credentials: Credentials) -> None:
    content = {
        "version": _VERSION,
        "session_key": credentials.session_key.hex(),
        "password": asdict(credentials.password) if credentials.password is not None else None,
        "tokens": [{"name": one.name, "sha256": one.sha256, "added_at": one.added_at} for one in credentials.tokens],
    }
    replace_file(path, json.dumps(content, indent=1).encode(), mode=0o600)


@contextmanager
def _lock(folder: str) -> Iterator[None]:
    descriptor = os.open(state_folder(os.path.abspath(folder)), os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
