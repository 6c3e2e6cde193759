"""Making the index of a gallery agree with its files. No file is changed, moved or removed.

A file that the index knows is opened only if it has another length, or was changed after it had been received.
Files are read outside of transactions, and what was read is recorded in batches, so a server may run meanwhile.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from photopipe.errors import GalleryBroken
from photopipe.files.placing import holds
from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.listing import list_one_of_source
from photopipe.gallery.index.stored_photo import (
    StoredPhoto,
    insert_photo,
    is_path_taken,
    next_id,
    photo_at,
    photo_with_sha256,
    photos_by_id,
    remove_photo,
)
from photopipe.gallery.index.words import index_words
from photopipe.gallery.maintenance.fault import NOT_UTF8, SAME_BUT_FOR_CASE, Fault
from photopipe.gallery.maintenance.found_files import FileContent, FoundFile, photo_files, read_content, trashed_files
from photopipe.gallery.maintenance.missing_details import read_missing_details
from photopipe.gallery.maintenance.salvage import Salvaged, replace_damaged_index
from photopipe.gallery.maintenance.verify import looks_edited
from photopipe.gallery.store.details import read_details, with_details
from photopipe.gallery.store.identity import broken_if_it_fails, create_gallery, kept_identity
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.trash import record_return

if TYPE_CHECKING:
    from photopipe.resize.picture_details import PictureDetails

_BATCH: Final = 100
T = TypeVar("T")


@dataclass(slots=True)
class Rebuilt:
    """What was changed in an index.

    Attributes:
        salvaged: what became of an index that was damaged, or None if it was not.
        added: photos that the index did not know.
        edited: photos whose files have other bytes now.
        moved: photos whose files were moved or renamed by hand, or put back from the trash.
        removed: photos whose files are gone.
        described: photos whose headers had not been read.
    """

    salvaged: Salvaged | None = None
    added: int = 0
    edited: int = 0
    moved: int = 0
    removed: int = 0
    described: int = 0


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file that the index does not know as it is."""

    file: FoundFile
    content: FileContent
    details: "PictureDetails"


def rebuild(
    folder: str,
    tell: Callable[[Fault], None] = lambda _fault: None,
    show: Callable[[int, int], None] = lambda _done, _total: None,
) -> Rebuilt:
    """Make the index of a gallery agree with its files; a damaged one is replaced.

    Args:
        folder: the gallery's.
        tell: called with each file that a person has to look after.
        show: called for each file: how many have been looked at, and of about how many.

    Raises:
        GalleryBroken: the folder or the index cannot be used; or the index is damaged, and in use; or all files are
            gone.
    """
    if not os.path.isdir(folder):
        raise GalleryBroken(f"there is no folder {folder}. Name the gallery's with --gallery-dir.")
    salvaged = replace_damaged_index(os.path.abspath(folder))
    create_gallery(folder, kept_identity(os.path.abspath(folder)))  # the same gallery as before if its index was lost
    with PhotoStore(folder) as store, broken_if_it_fails(store.folder):
        work = _Rebuild(store, tell, show)
        work.done.salvaged = salvaged
        work.take_trash()
        work.take_files()
        work.remove_gone()
        store.settle()
        work.done.described = read_missing_details(store)
        return work.done


class _Rebuild:
    def __init__(self, store: PhotoStore, tell: Callable[[Fault], None], show: Callable[[int, int], None]) -> None:
        self.done = Rebuilt()
        self._store = store
        self._tell = tell
        self._show = show
        self._files = 0
        self._expected_files = store.count()

    def take_trash(self) -> None:
        """Give files in the trash that have no row, because an index was lost, another 30 days."""
        for batch in _batches(self._unknown_in_trash(), _BATCH):
            with self._store.transaction() as (index, _):
                for read in batch:
                    if self._is_as_read(read) and photo_with_sha256(index, read.content.sha256) is None:
                        self._add(index, read, deleted_at=_now())

    def take_files(self) -> None:
        """Give each file the row it should have."""
        for batch in _batches(self._unknown_files(), _BATCH):
            with self._store.transaction() as (index, _):
                for read in batch:
                    self._record(index, read)

    def remove_gone(self) -> None:
        """Take the photos out of the index that have no file; those in the trash stay until their time is up."""
        after = 0
        while True:
            with self._store.transaction() as (index, _):
                page = photos_by_id(index, _BATCH, after)
                for photo in page:
                    if not photo.is_in_trash and not self._store.has_picture(photo):
                        self._remove(index, photo)
            if not page:
                return
            after = page[-1].id

    def _unknown_files(self) -> Iterator[_ReadFile]:
        with opened_index(self._store.folder) as index:
            for file in photo_files(self._store.folder):
                self._files += 1
                self._show(self._files, max(self._files, self._expected_files))
                if not file.has_good_name:
                    self._tell(Fault("bad_name", file.path, NOT_UTF8))
                elif not _is_known(photo_at(index, file.path), file):
                    yield from self._read(file)

    def _unknown_in_trash(self) -> Iterator[_ReadFile]:
        with opened_index(self._store.folder) as index:
            for sha256, file in trashed_files(self._store.folder):
                if photo_with_sha256(index, sha256) is None and file.has_good_name:
                    yield from (read for read in self._read(file) if read.content.sha256 == sha256)

    def _is_as_read(self, read: _ReadFile) -> bool:
        """False if the file was changed or moved after it had been read: before this transaction, that was possible."""
        try:
            now = os.lstat(os.path.join(self._store.folder, read.file.path))
        except OSError:
            return False
        return (now.st_size, now.st_mtime) == (read.content.size_bytes, read.file.modified_s)

    def _read(self, file: FoundFile) -> Iterator[_ReadFile]:
        path = os.path.join(self._store.folder, file.path)
        try:
            yield _ReadFile(file, read_content(path), read_details(path))
        except FileNotFoundError:
            return  # just deleted
        except OSError as error:
            self._tell(Fault("unreadable", file.path, f"{error.strerror}. Check the disk."))

    def _record(self, index: sqlite3.Connection, read: _ReadFile) -> None:
        here, same = photo_at(index, read.file.path), photo_with_sha256(index, read.content.sha256)
        is_nothing_new = here == same if here is not None else read.content.kind is None
        if is_nothing_new or not self._is_as_read(read):
            return
        if here is None and is_path_taken(index, read.file.path, read.content.sha256):
            self._tell(Fault("bad_name", read.file.path, SAME_BUT_FOR_CASE))
        elif same is not None:
            self._record_same(index, read, here, same)
        elif here is None:
            self._add(index, read)
        elif looks_edited(here, read.file.modified_s) and read.content.kind is not None:
            edited = replace(
                here,
                sha256=read.content.sha256,
                size_bytes=read.content.size_bytes,
                content_type=read.content.kind.media_type,
            )
            record_return(index, with_details(edited, read.details))
            self.done.edited += 1
        else:
            message = "its bytes are not those that were stored. `photopipe gallery verify` says more."
            self._tell(Fault("damaged", read.file.path, message))

    def _record_same(
        self, index: sqlite3.Connection, read: _ReadFile, here: StoredPhoto | None, same: StoredPhoto
    ) -> None:
        """A file with the bytes of a photo that is stored under another name."""
        if here is not None:
            self._remove(index, here)
        old = self._store.file_path(same)
        if not same.is_in_trash and holds(old, same.sha256, same.size_bytes):
            self._tell(Fault("duplicate", read.file.path, f"{same.path} has the same bytes. Delete one of them."))
            return
        record_return(index, replace(same, path=read.file.path, deleted_at=None))
        self.done.moved += 1

    def _add(self, index: sqlite3.Connection, read: _ReadFile, deleted_at: str | None = None) -> None:
        kind = read.content.kind
        if kind is None:
            return
        photo = StoredPhoto(
            id=next_id(index),
            sha256=read.content.sha256,
            path=read.file.path,
            original_name=os.path.basename(read.file.path),
            taken_at=None,
            modified_at=None,
            shown_at=_shown_at(read),
            size_bytes=read.content.size_bytes,
            content_type=kind.media_type,
            received_at=_now(),
            deleted_at=deleted_at,
        )
        photo = with_details(photo, read.details)
        insert_photo(index, photo)
        index_words(index, photo)
        list_one_of_source(index, photo)
        self.done.added += 1

    def _remove(self, index: sqlite3.Connection, photo: StoredPhoto) -> None:
        if not self._files:
            raise GalleryBroken(
                f"none of the photos in the index of {self._store.folder} has its file. Is the disk there that holds "
                "them? Nothing was changed."
            )
        remove_photo(index, photo.id)
        if photo.source_sha256 is not None:
            list_one_of_source(index, photo)
        self.done.removed += 1


def _is_known(photo: StoredPhoto | None, file: FoundFile) -> bool:
    return photo is not None and photo.size_bytes == file.size_bytes and not looks_edited(photo, file.modified_s)


def _shown_at(read: _ReadFile) -> str:
    """By the header; else by the file's date, unless the folder says another month."""
    if read.details.taken_at:
        return read.details.taken_at[: len("2025-10-03T12:33:10")]
    year, month, _ = read.file.path.split("/")[-3:]
    with suppress(ValueError, OverflowError, OSError):  # a time that no calendar has
        changed = datetime.fromtimestamp(read.file.modified_s, UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        if changed.startswith(f"{year}-{month}"):
            return changed
    return f"{year}-{month}-01T00:00:00"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
