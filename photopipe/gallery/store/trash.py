"""The trash: photos that were deleted, kept for 30 days in `.photopipe/trash/SHA256/`, below that under their old path.

A file is moved inside the write transaction that changes its row, before the commit. A crash between the two leaves
a file at one of its two places and a row that names the other; `settle_trash` then moves the file to where the row
says.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from photopipe.files.names import names_to_try
from photopipe.files.placing import ensure_folder, holds, move
from photopipe.gallery.index.listing import list_one_of_source
from photopipe.gallery.index.stored_photo import (
    TRASH,
    StoredPhoto,
    is_path_taken,
    photo_at,
    photo_with_sha256,
    photos_in_trash,
    remove_photo,
    update_photo,
)
from photopipe.gallery.index.words import index_words
from photopipe.gallery.store.reader import leads_through_link, refuse_link
from photopipe.gallery.thumbnails.kept_thumbnails import forget_thumbnails

KEPT: Final = timedelta(days=30)
_PAGE: Final = 200


def move_to_trash(index: sqlite3.Connection, undo: ExitStack, folder: str, photo: StoredPhoto, now: datetime) -> None:
    """Move a photo to the trash, even if its file is gone.

    Args:
        index: inside a write transaction.
        undo: gets what moves the file back.
        folder: the gallery's.
        photo: it is not in the trash.
        now: since when it is there.

    Raises:
        OSError: its file cannot be moved.
    """
    trashed = replace(photo, path=f"{TRASH}/{photo.sha256}/{photo.path}", deleted_at=_as_text(now))
    source, final = os.path.join(folder, photo.path), os.path.join(folder, trashed.path)
    if _is_file(source) and not leads_through_link(folder, photo.path):
        ensure_folder(os.path.dirname(final))
        with suppress(FileNotFoundError):  # a copy that a crash left there
            os.unlink(final)
        move(source, final)
        undo.callback(move, final, source)
    update_photo(index, trashed)
    list_one_of_source(index, trashed)


def move_back(index: sqlite3.Connection, undo: ExitStack, folder: str, photo: StoredPhoto) -> None:
    """Move a photo out of the trash, to its old name or the next that is free.

    Args:
        index: inside a write transaction.
        undo: gets what moves the file to the trash again.
        folder: the gallery's.
        photo: it is in the trash.

    Raises:
        OSError: its file cannot be moved.
    """
    for path in _names_of(photo):
        if not is_path_taken(index, path, photo.sha256) and _move_back_to(undo, folder, photo, path):
            record_return(index, replace(photo, path=path, deleted_at=None))
            return
    raise FileExistsError(f"every name for {photo.untrashed_path} is taken by other files")


def record_return(index: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Write that a photo is no longer in the trash, inside the caller's transaction."""
    update_photo(index, photo)
    index_words(index, photo)  # its name may be another
    list_one_of_source(index, photo)


def photos_to_purge(index: sqlite3.Connection, now: datetime) -> list[StoredPhoto]:
    """Some of the photos that have been in the trash for too long; none if there are none."""
    return photos_in_trash(index, _PAGE, deleted_before=_as_text(now - KEPT))


def purge_trash(index: sqlite3.Connection, folder: str, now: datetime) -> int:
    """Remove some of the photos that have been in the trash for too long, for good.

    Args:
        index: inside a write transaction.
        folder: the gallery's.
        now: the time.

    Returns:
        How many.

    Raises:
        OSError: a file cannot be removed.
    """
    photos = photos_to_purge(index, now)
    for photo in photos:
        discard_trashed_file(folder, photo.sha256)
        forget_thumbnails(folder, photo.sha256)
        remove_photo(index, photo.id)
    return len(photos)


def discard_trashed_file(folder: str, sha256: str) -> None:
    """Remove what the trash has of these bytes, if anything.

    Raises:
        OSError: it cannot be removed.
    """
    for parent, folders, files in os.walk(os.path.join(folder, TRASH, sha256), topdown=False):
        for name in files:
            os.unlink(os.path.join(parent, name))
        for name in folders:
            os.rmdir(os.path.join(parent, name))
    with suppress(FileNotFoundError):
        os.rmdir(os.path.join(folder, TRASH, sha256))


def is_trash_settled(index: sqlite3.Connection, folder: str) -> bool:
    """False if a crash has left a file where its row does not say."""
    return next(stray_files(index, folder), None) is None


def stray_files(index: sqlite3.Connection, folder: str) -> Iterator[tuple[StoredPhoto, str]]:
    """Each photo with the path of a file of it that is not where the photo's row says."""
    trash = os.path.join(folder, TRASH)
    if not os.path.isdir(trash):
        return
    for sha256 in os.listdir(trash):
        photo = photo_with_sha256(index, sha256)
        kept = next(_files_below(os.path.join(trash, sha256)), None)
        if photo is not None and not photo.is_in_trash and kept is not None:
            yield photo, kept
    for photo in _all_in_trash(index):
        if not _is_file(os.path.join(folder, photo.path)):
            yield from ((photo, path) for path in _unindexed_copies(index, folder, photo))


def settle_trash(index: sqlite3.Connection, folder: str) -> None:
    """Move files that a crash has left between the trash and their place to where their rows say.

    Args:
        index: inside a write transaction, so that nobody is moving anything.
        folder: the gallery's.

    Raises:
        OSError: a file cannot be moved.
    """
    for photo, path in list(stray_files(index, folder)):
        final = os.path.join(folder, photo.path)
        if not _is_file(final):
            _move_again(path, final)
        if not photo.is_in_trash and holds(final, photo.sha256, photo.size_bytes):
            discard_trashed_file(folder, photo.sha256)


def _all_in_trash(index: sqlite3.Connection) -> Iterator[StoredPhoto]:
    after = 0
    while page := photos_in_trash(index, _PAGE, after):
        yield from page
        after = page[-1].id


def _unindexed_copies(index: sqlite3.Connection, folder: str, photo: StoredPhoto) -> Iterator[str]:
    """The file of a photo in the trash, if it has a name outside of it already."""
    for path in _names_of(photo):
        absolute = os.path.join(folder, path)
        if photo_at(index, path) is None and holds(absolute, photo.sha256, photo.size_bytes):
            yield absolute
            return


def _move_back_to(undo: ExitStack, folder: str, photo: StoredPhoto, path: str) -> bool:
    source, final = os.path.join(folder, photo.path), os.path.join(folder, path)
    refuse_link(folder, path)
    ensure_folder(os.path.dirname(final))
    if _is_file(source):
        try:
            move(source, final)
        except FileExistsError:
            return False
        undo.callback(_move_again, final, source)
        _remove_empty_folders(source, os.path.join(folder, TRASH))
    return True


def _move_again(path: str, final_path: str) -> None:
    ensure_folder(os.path.dirname(final_path))
    move(path, final_path)


def _remove_empty_folders(path: str, top: str) -> None:
    """Remove the folders between a file that was moved and `top`, as far as they are empty."""
    with suppress(OSError):
        while (path := os.path.dirname(path)) != top:
            os.rmdir(path)


def _names_of(photo: StoredPhoto) -> Iterator[str]:
    month, _, name = photo.untrashed_path.rpartition("/")
    return (f"{month}/{candidate}" for candidate in names_to_try(name, photo.sha256))


def _files_below(folder: str) -> Iterator[str]:
    for parent, _, files in os.walk(folder):
        yield from (os.path.join(parent, name) for name in files)


def _is_file(path: str) -> bool:
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
