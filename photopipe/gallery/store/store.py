"""The store: how a photo gets into the gallery exactly once.

The bytes are written to the disk under a temporary name. Then, inside one write transaction, which
keeps every other thread and process out, the key and the hash are looked up, the file gets its name,
the folder is synced and the row is written. A crash leaves nothing behind, or a file with its name and
no row; the next POST of the same bytes adds the row.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO, Final, Self, TypeVar

from photopipe.files.kinds import FileKind, fitting_extensions, kind_of
from photopipe.files.names import names_to_try, stored_name
from photopipe.files.placing import Placed, ensure_folder, place
from photopipe.gallery.index.albums import put_in_album
from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.listing import list_one_of_source
from photopipe.gallery.index.lock import index_in_use
from photopipe.gallery.index.stored_photo import (
    StoredPhoto,
    insert_photo,
    is_path_taken,
    next_id,
    photo_with_id,
    photo_with_key,
    photo_with_sha256,
    remember_key,
    update_photo,
    with_those_of_its_source,
)
from photopipe.gallery.index.words import index_words
from photopipe.gallery.store.capture_time import shown_at
from photopipe.gallery.store.details import read_details, with_details
from photopipe.gallery.store.identity import broken_if_it_fails, create_gallery
from photopipe.gallery.store.incoming import ArrivedFile, Incoming
from photopipe.gallery.store.reader import PhotoReader, refuse_link
from photopipe.gallery.store.request_refused import RequestRefused
from photopipe.gallery.store.trash import (
    discard_trashed_file,
    is_trash_settled,
    move_back,
    move_to_trash,
    photos_to_purge,
    purge_trash,
    record_return,
    settle_trash,
)
from photopipe.gallery.store.upload import Added, Upload

T = TypeVar("T")
MAX_PHOTO_BYTES: Final = 200_000_000


class PhotoStore(PhotoReader):
    """The photos in one folder, and how they get in and out; safe for many threads, and several processes at once.

    Args:
        folder: the gallery's folder; created if absent.
        max_photo_bytes: larger photos are refused.
        now: the clock.

    Raises:
        GalleryBroken: the folder cannot be used.
    """

    def __init__(
        self,
        folder: str,
        *,
        max_photo_bytes: int = MAX_PHOTO_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(folder)
        self.identity = create_gallery(self.folder)
        self.max_photo_bytes = max_photo_bytes
        self._now = now
        self._one_writer = threading.Lock()
        with broken_if_it_fails(self.folder), ExitStack() as resources:
            resources.enter_context(index_in_use(self.folder))
            self._incoming = Incoming(self.folder)
            self._incoming.remove_leftovers()
            # SQLite writes a checkpoint, and waits for the disk, whenever the last connection closes: keep one open.
            resources.enter_context(opened_index(self.folder))
            self.settle()
            self._open = resources.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close_at_end(self, resource: AbstractContextManager[T]) -> T:
        """Enter something that reads the index, and leave it when the store is closed."""
        return self._open.enter_context(resource)

    def close(self) -> None:
        """Close the index. The store cannot be used afterwards."""
        self._open.close()

    def settle(self) -> None:
        """Move files that a crash has left between the trash and their place to where the index says.

        Raises:
            OSError: a file cannot be moved.
            sqlite3.Error: the index cannot be used.
        """
        with opened_index(self.folder) as index:
            is_settled = is_trash_settled(index, self.folder)
        if not is_settled:
            with self.transaction() as (index, _):
                settle_trash(index, self.folder)

    def add(self, upload: Upload, stream: IO[bytes]) -> Added:
        """Store a photo, unless it is stored already.

        Returns:
            The photo that answers this upload. Its file and its row are on the disk.

        Raises:
            RequestRefused: wrong hash, too large, or no picture.
            OSError: the file cannot be written; nothing is left behind.
            sqlite3.Error: the index cannot be written; nothing is left behind.
        """
        with self._incoming.receive(stream, self.max_photo_bytes) as arrived:
            kind = _checked_kind(arrived, upload)
            described = self._described(arrived, upload, kind)
            with self.transaction() as (index, undo):
                known = self._known(index, upload.key, arrived.sha256)
                added = Added(known, duplicate=True) if known else self._store(index, undo, arrived, described)
                _note(index, added, upload)
        if added.was_in_trash:
            self._discard_trashed_copy(added.photo)
        return added

    def trash(self, number: int) -> StoredPhoto | None:
        """Move a photo to the trash, with all others that were made from the same file.

        Returns:
            The photo, or None if there is none with this id outside of the trash.

        Raises:
            OSError: a file cannot be moved; nothing has changed.
            sqlite3.Error: the index cannot be written; nothing has changed.
        """
        with self.transaction() as (index, undo):
            photo = photo_with_id(index, number)
            if photo is None or photo.is_in_trash:
                return None
            for one in with_those_of_its_source(index, photo):
                move_to_trash(index, undo, self.folder, one, self._now())
            return photo_with_id(index, number)

    def restore(self, number: int) -> StoredPhoto | None:
        """Move a photo back from the trash, with all others there that were made from the same file.

        Returns:
            The photo, or None if there is none with this id in the trash.

        Raises:
            OSError: a file cannot be moved; nothing has changed.
            sqlite3.Error: the index cannot be written; nothing has changed.
        """
        with self.transaction() as (index, undo):
            photo = photo_with_id(index, number)
            if photo is None or not photo.is_in_trash:
                return None
            for one in with_those_of_its_source(index, photo):
                move_back(index, undo, self.folder, one)
            return photo_with_id(index, number)

    def purge(self, now: datetime, is_stopped: Callable[[], bool] = lambda: False) -> int:
        """Remove the photos for good that have been in the trash for 30 days.

        Args:
            now: the time.
            is_stopped: asked now and then; True leaves the rest for another time.

        Returns:
            How many.

        Raises:
            OSError: a file cannot be removed.
            sqlite3.Error: the index cannot be written.
        """
        purged = 0
        while not is_stopped() and self._has_photos_to_purge(now):  # in pieces, so that photos can be added meanwhile
            with self.transaction() as (index, _):
                purged += purge_trash(index, self.folder, now)
        return purged

    def _has_photos_to_purge(self, now: datetime) -> bool:
        with opened_index(self.folder) as index:
            return bool(photos_to_purge(index, now))

    @contextmanager
    def transaction(self) -> Iterator[tuple[sqlite3.Connection, ExitStack]]:
        """A write transaction, which keeps every other thread and process out.

        Yields:
            The index, and a stack for whatever has to be undone if the block or the commit fails.

        Raises:
            sqlite3.Error: the index cannot be written; nothing has changed.
        """
        # Threads wait for the lock, because SQLite itself would poll; processes wait at BEGIN IMMEDIATE.
        with self._one_writer, opened_index(self.folder) as index, ExitStack() as undo:
            index.execute("BEGIN IMMEDIATE")
            undo.callback(_roll_back, index)
            yield index, undo
            index.execute("COMMIT")
            undo.pop_all()

    def _known(self, index: sqlite3.Connection, key: str | None, sha256: str) -> StoredPhoto | None:
        by_key = photo_with_key(index, key) if key is not None else None
        for photo in (by_key, photo_with_sha256(index, sha256)):
            if photo and self.is_there(photo):
                return photo
        return None

    def _described(self, arrived: ArrivedFile, upload: Upload, kind: FileKind) -> StoredPhoto:
        """The photo as it would be stored, but for its number and the exact name of its file."""
        now = self._now()
        details = read_details(arrived.path)
        shown = shown_at(upload.taken_at or details.taken_at, upload.modified_at, now)
        photo = StoredPhoto(
            id=0,
            sha256=arrived.sha256,
            path=f"{shown[:4]}/{shown[5:7]}/{stored_name(upload.file_name, fitting_extensions(kind))}",
            original_name=upload.original_name,
            taken_at=upload.taken_at,
            modified_at=upload.modified_at,
            shown_at=shown,
            size_bytes=arrived.size_bytes,
            content_type=kind.media_type,
            received_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
            source_sha256=upload.source_sha256,
        )
        return with_details(photo, details)

    def _store(self, index: sqlite3.Connection, undo: ExitStack, arrived: ArrivedFile, described: StoredPhoto) -> Added:
        lost = photo_with_sha256(index, arrived.sha256)
        photo = lost or replace(described, id=next_id(index))
        photo = replace(photo, path=self._place(index, undo, arrived, photo.untrashed_path), deleted_at=None)
        if lost is None:
            insert_photo(index, photo)
            index_words(index, photo)
            list_one_of_source(index, photo)
        elif photo != lost:
            record_return(index, photo)
        return Added(photo, duplicate=False, was_in_trash=lost is not None and lost.is_in_trash)

    def _discard_trashed_copy(self, photo: StoredPhoto) -> None:
        with self.transaction() as (index, _):
            now = photo_with_id(index, photo.id)
            if now is not None and self.is_there(now):
                discard_trashed_file(self.folder, photo.sha256)

    def _place(self, index: sqlite3.Connection, undo: ExitStack, arrived: ArrivedFile, wanted: str) -> str:
        month, _, name = wanted.rpartition("/")
        refuse_link(self.folder, wanted)
        ensure_folder(os.path.join(self.folder, month))
        for candidate in names_to_try(name, arrived.sha256):
            path = f"{month}/{candidate}"
            if is_path_taken(index, path, arrived.sha256):
                continue
            final = os.path.join(self.folder, path)
            placed = place(arrived.path, final, arrived.sha256, arrived.size_bytes, is_alone=True)
            if placed is Placed.CREATED:
                undo.callback(_discard, final)
            if placed is not Placed.TAKEN:
                return path
        raise FileExistsError(f"every name for {wanted} is taken by other files")


def _note(index: sqlite3.Connection, added: Added, upload: Upload) -> None:
    """Remember what else the sender said; of a photo that was there already, too."""
    photo = added.photo
    if upload.key is not None:
        remember_key(index, upload.key, photo)
    if upload.source_sha256 is not None and photo.source_sha256 is None and upload.sha256 in (None, photo.sha256):
        photo = replace(photo, source_sha256=upload.source_sha256)
        update_photo(index, photo)
        list_one_of_source(index, photo)
    if upload.album:
        put_in_album(index, upload.album, photo)
        index_words(index, photo)


def _checked_kind(arrived: ArrivedFile, upload: Upload) -> FileKind:
    if upload.sha256 is not None and upload.sha256.lower() != arrived.sha256:
        message = f"the bytes that arrived have the sha256 {arrived.sha256}, not the one that was sent with them"
        raise RequestRefused(400, message, "checksum_mismatch")
    kind = kind_of(arrived.head)
    if kind is None:
        raise RequestRefused(415, "the file is neither a picture nor a camera's RAW file", "not_a_picture")
    return kind


def _roll_back(index: sqlite3.Connection) -> None:
    if index.in_transaction:
        index.execute("ROLLBACK")


def _discard(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
