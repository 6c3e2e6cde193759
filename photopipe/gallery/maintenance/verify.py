"""Checking a gallery: every file is read and compared with what was stored. Nothing is changed.

Other processes may change the gallery meanwhile: what looks wrong is looked at again with the row as it is then.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from photopipe.errors import GalleryBroken
from photopipe.gallery.index.index import index_path, opened_index
from photopipe.gallery.index.stored_photo import (
    StoredPhoto,
    is_path_taken,
    photo_at,
    photo_with_id,
    photo_with_sha256,
    photos_by_id,
)
from photopipe.gallery.maintenance.check_index import index_problems
from photopipe.gallery.maintenance.fault import NOT_UTF8, SAME_BUT_FOR_CASE, Fault
from photopipe.gallery.maintenance.found_files import FoundFile, photo_files, read_content
from photopipe.gallery.store.identity import broken_if_it_fails, create_gallery
from photopipe.gallery.store.incoming import Incoming
from photopipe.gallery.store.trash import stray_files

_REBUILD: Final = "`photopipe gallery rebuild`"
_INDEX: Final = ".photopipe/index.sqlite"
_PAGE: Final = 500


def verify(folder: str, show: Callable[[int, int], None] = lambda _done, _total: None) -> Iterator[Fault]:
    """Everything that is wrong with a gallery.

    Args:
        folder: the gallery's.
        show: called after each photo of the index: how many have been checked, and of how many.

    Raises:
        GalleryBroken: there is no gallery, or it cannot be read at all.
    """
    folder = os.path.abspath(folder)
    if not os.path.isdir(os.path.dirname(index_path(folder))):
        raise GalleryBroken(f"there is no gallery in {folder}. Name its folder with --gallery-dir.")
    if not os.path.exists(index_path(folder)):
        yield Fault("index_damaged", _INDEX, f"it is not there. {_REBUILD} makes a new one from the files.")
        return
    with broken_if_it_fails(folder):
        problems = index_problems(folder)
        yield from (Fault("index_damaged", _INDEX, f"{problem}. {_REBUILD} makes a new one.") for problem in problems)
        if problems:
            return
        create_gallery(folder)  # only brings an index of an earlier version up to date
        with opened_index(folder) as index:
            total = int(index.execute("SELECT count(*) FROM photos").fetchone()[0])
            for done, photo in enumerate(_every_photo(index), 1):
                yield from _check(index, folder, photo)
                show(done, max(done, total))
            for file in photo_files(folder):
                yield from _check_unknown(index, folder, file)
            yield from _leftovers(index, folder)


def looks_edited(photo: StoredPhoto, modified_s: float) -> bool:
    """True if a file was changed after the gallery had received it."""
    return modified_s > datetime.fromisoformat(photo.received_at).timestamp()


def _every_photo(index: sqlite3.Connection) -> Iterator[StoredPhoto]:
    after = 0
    while page := photos_by_id(index, _PAGE, after):
        yield from page
        after = page[-1].id


def _check(index: sqlite3.Connection, folder: str, photo: StoredPhoto) -> Iterator[Fault]:
    if _fault_of(folder, photo) is None:
        return
    with nobody_writes(index):  # somebody may just have been moving it
        now = photo_with_id(index, photo.id)
    fault = _fault_of(folder, now) if now is not None else None
    if fault is not None:
        yield fault


@contextmanager
def nobody_writes(index: sqlite3.Connection) -> Iterator[None]:
    """Wait until nobody changes the gallery, and keep it so inside the block."""
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        index.execute("ROLLBACK")


def _fault_of(folder: str, photo: StoredPhoto) -> Fault | None:
    path = os.path.join(folder, photo.path)
    try:
        if not os.path.isfile(path) or os.path.islink(path):
            return Fault("missing", photo.path, f"there is no such file. {_what_to_do(photo)}")
        content, modified_s = read_content(path), os.stat(path).st_mtime
    except OSError as error:
        return Fault("unreadable", photo.path, f"{error.strerror}. Check the disk; restore the file from a backup.")
    if (content.sha256, content.size_bytes) == (photo.sha256, photo.size_bytes):
        return None
    if looks_edited(photo, modified_s):
        message = f"it was changed after it had been stored. {_REBUILD} records it as it is now."
        return Fault("edited", photo.path, message)
    length = "" if content.size_bytes == photo.size_bytes else f" ({content.size_bytes} in place of {photo.size_bytes})"
    message = (
        f"its bytes{length} are not those that were stored, and nobody has changed it: the disk may be failing. "
        "Restore it from a backup, or move it away and send the photo again."
    )
    return Fault("damaged", photo.path, message)


def _what_to_do(photo: StoredPhoto) -> str:
    if photo.is_in_trash:
        return "It was in the trash, and is forgotten 30 days after it was deleted."
    return f"Put it back, send the photo again, or take it out of the index with {_REBUILD}."


def _check_unknown(index: sqlite3.Connection, folder: str, file: FoundFile) -> Iterator[Fault]:
    if not file.has_good_name:
        yield Fault("bad_name", file.path, NOT_UTF8)
        return
    if photo_at(index, file.path) is not None:
        return
    try:
        content = read_content(os.path.join(folder, file.path))
    except FileNotFoundError:  # it was just arriving, or was deleted
        return
    except OSError as error:
        yield Fault("unreadable", file.path, f"{error.strerror}. Check the disk.")
        return
    with nobody_writes(index):  # whoever has just put it there adds its row
        is_known, same = photo_at(index, file.path) is not None, photo_with_sha256(index, content.sha256)
        is_taken = is_path_taken(index, file.path, content.sha256)
    if is_known or content.kind is None:
        return
    if same is not None and os.path.exists(os.path.join(folder, same.path)) and not same.is_in_trash:
        yield Fault("duplicate", file.path, f"{same.path} has the same bytes. Delete one of them.")
    elif is_taken:
        yield Fault("bad_name", file.path, SAME_BUT_FOR_CASE)
    else:
        yield Fault("not_indexed", file.path, f"the index does not have this photo. {_REBUILD} adds it.")


def _leftovers(index: sqlite3.Connection, folder: str) -> Iterator[Fault]:
    advice = "The next start of the gallery puts it right."
    for path in Incoming.leftovers(folder):
        message = f"a process was killed while it received this photo. {advice}"
        yield Fault("left_over", os.path.relpath(path, folder), message)
    for photo, path in stray_files(index, folder):
        message = f"a process was killed while it moved the photo {photo.id} to the trash or back. {advice}"
        yield Fault("left_over", os.path.relpath(path, folder), message)
