"""Which gallery a folder holds: a random name that is made with the gallery and never changes."""

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from photopipe.errors import GalleryBroken
from photopipe.files.placing import ensure_folder
from photopipe.files.replacing import replace_file
from photopipe.gallery.index.index import (
    SCHEMA_VERSION,
    bring_up_to_date,
    index_path,
    opened_index,
    read_gallery_id,
    schema_version,
    state_folder,
)


def gallery_identity(folder: str) -> str | None:
    """The name of the gallery in a folder, without creating anything.

    Args:
        folder: the gallery's folder.

    Returns:
        `photopipe-gallery:<uuid>`, or None if there is no gallery yet.

    Raises:
        GalleryBroken: there is one and it cannot be read.
    """
    folder = os.path.abspath(folder)
    if not os.path.exists(index_path(folder)):
        return None
    with broken_if_it_fails(folder), opened_index(folder) as connection:
        return _identity_in(connection)


def create_gallery(folder: str, gallery_id: str | None = None) -> str:
    """Make sure a folder holds a gallery that can be written.

    Args:
        folder: the gallery's folder; created with its parents if absent.
        gallery_id: the name of a new gallery, or None for a random one.

    Returns:
        The same as `gallery_identity`, never None.

    Raises:
        GalleryBroken: it cannot be created, read or written.
    """
    folder = os.path.abspath(folder)
    with broken_if_it_fails(folder):
        identity = _up_to_date_identity(folder) or _create(folder, gallery_id or str(uuid.uuid4()))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("the folder is not writable")
        return identity


@contextmanager
def broken_if_it_fails(folder: str) -> Iterator[None]:
    """Turn every failure of the disk or the index inside the block into one that says what to do.

    Raises:
        GalleryBroken: something failed.
    """
    try:
        yield
    except OSError as error:
        advice = "Choose another folder with --gallery-dir."
        raise GalleryBroken(_sentence(folder, error.strerror or str(error), advice)) from error
    except sqlite3.Error as error:
        advice = (
            "Choose another folder with --gallery-dir, or repair it with `photopipe gallery rebuild` "
            "(the photos stay as they are)."
        )
        raise GalleryBroken(_sentence(folder, str(error), advice)) from error


def kept_identity(folder: str) -> str | None:
    """The id in the gallery's name, from the copy beside the index; None if there is no such copy."""
    try:
        with open(_copy_of_id(folder), encoding="ascii") as file:
            return str(uuid.UUID(file.read(100)))
    except (OSError, ValueError):
        return None


def _copy_of_id(folder: str) -> str:
    return os.path.join(state_folder(folder), "gallery-id")


def _create(folder: str, gallery_id: str) -> str:
    ensure_folder(state_folder(folder))
    with _only_creator(folder), opened_index(folder) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        identity = _identity_in(connection)
        if identity is None or schema_version(connection) < SCHEMA_VERSION:
            connection.execute("BEGIN IMMEDIATE")
            bring_up_to_date(connection, gallery_id)
            connection.execute("COMMIT")
            identity = _identity_in(connection)
            replace_file(_copy_of_id(folder), read_gallery_id(connection).encode())
        assert identity is not None  # noqa: S101 - the transaction above has just written it
        return identity


def _up_to_date_identity(folder: str) -> str | None:
    """The name of a gallery whose index needs no change, or None."""
    if not os.path.exists(index_path(folder)):
        return None
    with opened_index(folder) as connection:
        identity = _identity_in(connection)
        return identity if schema_version(connection) == SCHEMA_VERSION else None


@contextmanager
def _only_creator(folder: str) -> Iterator[None]:
    # Switching a new index to WAL does not wait for another process that does the same.
    descriptor = os.open(state_folder(folder), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _identity_in(connection: sqlite3.Connection) -> str | None:
    version = schema_version(connection)
    if version == 0:
        return None
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError("a newer photopipe made it; update photopipe")
    return f"photopipe-gallery:{read_gallery_id(connection)}"


def _sentence(folder: str, why: str, advice: str) -> str:
    shown = folder.encode(errors="replace").decode()
    return f"the gallery in {shown} cannot be used: {why}. {advice}"
