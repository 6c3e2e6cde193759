"""Replacing an index that is damaged: what can still be read of it is taken over, and the old one is set aside."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from photopipe.files.placing import ensure_folder, sync_folder
from photopipe.gallery.index.index import index_path, opened_index, state_folder
from photopipe.gallery.index.lock import index_unused
from photopipe.gallery.index.stored_photo import TRASH, StoredPhoto, photos_by_id
from photopipe.gallery.index.words import index_words
from photopipe.gallery.maintenance.check_index import index_problems
from photopipe.gallery.store.identity import broken_if_it_fails, create_gallery, kept_identity

_TABLES: Final = {"photos": "id", "keys": "rowid", "albums": "id", "album_photos": "album_id, photo_id"}
"""What is taken over, each with the order in which it is read; words are made anew."""
_BESIDE: Final = ("", "-wal", "-shm")
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged index.

    Attributes:
        problem: what was wrong with it.
        kept_as: where it is now, absolute.
        photos: how many of its photos could still be read.
    """

    problem: str
    kept_as: str
    photos: int


def replace_damaged_index(folder: str) -> Salvaged | None:
    """Replace the index of a gallery if it is damaged.

    Args:
        folder: the gallery's, absolute.

    Returns:
        What was done, or None if the index is sound or there is none.

    Raises:
        GalleryBroken: it is damaged and in use, or cannot be replaced.
    """
    if not os.path.exists(index_path(folder)):
        return None
    with broken_if_it_fails(folder):
        if not index_problems(folder):
            return None
        with index_unused(folder):
            problems = index_problems(folder)  # again, now that nobody changes it
            return _replace(folder, problems[0]) if problems else None


def _replace(folder: str, problem: str) -> Salvaged:
    workshop = os.path.join(state_folder(folder), "rebuilding")
    shutil.rmtree(workshop, ignore_errors=True)
    ensure_folder(workshop)
    create_gallery(workshop, _identity_of_damaged(folder))
    with opened_index(workshop) as new:
        with closing(sqlite3.connect(index_path(folder))) as old:
            _take_over(old, new)
        _complete(new)
        photos = int(new.execute("SELECT count(*) FROM photos").fetchone()[0])
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept_as = _set_aside(folder)
    for suffix in _BESIDE[1:]:
        with suppress(FileNotFoundError):
            os.unlink(index_path(folder) + suffix)
    os.replace(index_path(workshop), index_path(folder))
    sync_folder(state_folder(folder))
    shutil.rmtree(workshop)
    return Salvaged(problem, kept_as, photos)


def _identity_of_damaged(folder: str) -> str | None:
    with suppress(sqlite3.DatabaseError, TypeError), closing(sqlite3.connect(index_path(folder))) as old:
        return str(old.execute("SELECT value FROM meta WHERE name = 'gallery_id'").fetchone()[0])
    return kept_identity(folder)


def _take_over(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    new.execute("PRAGMA foreign_keys=OFF")
    new.execute("BEGIN IMMEDIATE")
    for table, order in _TABLES.items():
        columns = sorted(_columns(old, table) & _columns(new, table))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        for row in _readable_rows(old, table, columns, order) if columns else ():
            with suppress(sqlite3.IntegrityError):  # values of a type that the column cannot have
                new.execute(insert, row)
    new.execute("COMMIT")


def _columns(index: sqlite3.Connection, table: str) -> set[str]:
    try:
        return {row[1] for row in index.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:
        return set()


def _readable_rows(
    old: sqlite3.Connection, table: str, columns: list[str], order: str
) -> Iterator[tuple[str | int | float | None, ...]]:
    """Rows from the first on as far as they can be read, then from the last one backwards; some of them twice."""
    backwards = ", ".join(f"{column} DESC" for column in order.split(", "))
    for direction in (order, backwards):
        try:
            yield from old.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {direction}")  # noqa: S608
        except sqlite3.DatabaseError:
            continue
        return


def _complete(new: sqlite3.Connection) -> None:
    """Leave out what cannot be right, and index the words."""
    new.execute("BEGIN IMMEDIATE")
    after = 0
    while page := photos_by_id(new, _PAGE, after):
        for photo in page:
            if _is_sound(photo):
                index_words(new, photo)
            else:
                new.execute("DELETE FROM photos WHERE id = ?", (photo.id,))
        after = page[-1].id
    new.execute("DELETE FROM keys WHERE photo_id NOT IN (SELECT id FROM photos)")
    new.execute("DELETE FROM album_photos WHERE photo_id NOT IN (SELECT id FROM photos)")
    new.execute("DELETE FROM album_photos WHERE album_id NOT IN (SELECT id FROM albums)")
    new.execute("COMMIT")


def _is_sound(photo: StoredPhoto) -> bool:
    """False for times that are none, and a path that leads out of the gallery or into its own state."""
    try:
        datetime.fromisoformat(photo.received_at)
        datetime.fromisoformat(photo.shown_at)
    except ValueError:
        return False
    parts = photo.untrashed_path.split("/")
    is_marked = photo.is_in_trash == photo.path.startswith(f"{TRASH}/")
    return is_marked and len(parts) > 1 and all(part and not part.startswith(".") for part in parts)


def _set_aside(folder: str) -> str:
    """Copy the damaged index, so that there is an index at every moment."""
    kept_as = index_path(folder).removesuffix(".sqlite") + f"-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.sqlite"
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            shutil.copy2(index_path(folder) + suffix, kept_as + suffix)
    return kept_as
