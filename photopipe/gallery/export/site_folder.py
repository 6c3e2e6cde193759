"""The folder that a site is written into: file by file, each one whole, and only what has changed."""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from photopipe.errors import DownloadError, ItemError, RunStopped
from photopipe.files.names import GALLERY_MARKER
from photopipe.gallery.export.manifest import PENDING, Manifest, Written

PARTIAL: Final = f"{GALLERY_MARKER}/partial"
"""Folder of files that are being written."""
_AT_ONCE: Final = 1000
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of the site, and how to write it.

    Attributes:
        path: relative to the site's folder, with slashes.
        version: differs if the content does; a file is not written again while it stays the same.
        write: makes the file at a path where there is none yet. An `ItemError` means that it cannot be made.
    """

    path: str
    version: str
    write: Callable[[str], None]


@dataclass(slots=True)
class FileCounts:
    """What became of the site's files.

    Attributes:
        written: new or changed.
        unchanged: as an earlier export wrote them.
        removed: those that no longer belong to the site.
    """

    written: int = 0
    unchanged: int = 0
    removed: int = 0


class SiteFolder:
    """The folder of a site.

    A file gets its name when it is complete, so a web server that serves the folder meanwhile never sends half
    of one. Nothing waits for the disk: what a power cut takes differs in length, and the next export writes it again.

    Args:
        folder: absolute.
        manifest: of this folder.
        pool: writes the files.
        is_stopped: asked before each file.

    Attributes:
        counts: what has become of the files so far.
    """

    def __init__(
        self, folder: str, manifest: Manifest, pool: ThreadPoolExecutor, is_stopped: Callable[[], bool]
    ) -> None:
        self.counts = FileCounts()
        self._folder = folder
        self._manifest = manifest
        self._pool = pool
        self._is_stopped = is_stopped

    @classmethod
    @contextmanager
    def opened(cls, folder: str, is_stopped: Callable[[], bool]) -> Iterator["SiteFolder"]:
        """The folder, which `check_target` has accepted; made if it is not there.

        Raises:
            LockHeld: another export writes there.
            GalleryBroken: the manifest is damaged.
            OSError: the folder cannot be written.
        """
        temporary = os.path.join(folder, PARTIAL)
        os.makedirs(os.path.dirname(temporary), exist_ok=True)
        pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="export")
        with Manifest.opened(folder) as manifest:
            shutil.rmtree(temporary, ignore_errors=True)  # of an export that was killed
            os.mkdir(temporary)
            try:
                yield cls(folder, manifest, pool, is_stopped)
            finally:
                pool.shutdown(cancel_futures=True)
                shutil.rmtree(temporary, ignore_errors=True)

    def put(self, files: Sequence[SiteFile]) -> None:
        """Write those files that are not there yet as they should be; `find` tells which could be made.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
            RunStopped: `is_stopped` says so.
        """
        changed = [file for file in files if not self._is_there(file)]
        for file in changed:
            self._manifest.note(file.path, Written(file.version, PENDING, 0))
        self._manifest.save()
        for file, written in zip(changed, self._pool.map(self._write, changed), strict=True):
            if written is not None:
                self._manifest.note(file.path, written)
                self.counts.written += 1
        self.counts.unchanged += len(files) - len(changed)

    def find(self, path: str) -> Written | None:
        """A file that belongs to this export and is there, or None."""
        return self._manifest.find_current(path)

    def remove_gone(self) -> None:
        """Remove the files of earlier exports that this one has not put."""
        while gone := self._manifest.gone(_AT_ONCE):
            for path in gone:
                self._remove(path)
                self._manifest.forget(path)
            self._manifest.save()
            self.counts.removed += len(gone)

    def _is_there(self, file: SiteFile) -> bool:
        known = self._manifest.find(file.path)
        if known is None or known != (file.version, *_shape_of(self._path_of(file.path))):
            return False
        self._manifest.keep(file.path)
        return True

    def _write(self, file: SiteFile) -> Written | None:
        """Write a file, in a thread of the pool; None if it cannot be made."""
        if self._is_stopped():
            raise RunStopped("the export was stopped")
        final = self._path_of(file.path)
        temporary = os.path.join(self._folder, PARTIAL, os.urandom(8).hex())
        try:
            file.write(temporary)
            os.makedirs(os.path.dirname(final), exist_ok=True)
            os.replace(temporary, final)
        except ItemError:
            return None
        finally:
            # A rename onto another name of the same file does nothing, and leaves this one.
            with suppress(FileNotFoundError):
                os.unlink(temporary)
        return Written(file.version, *_shape_of(final))

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(self._path_of(path))
        folder = os.path.dirname(path)
        with suppress(OSError):  # it holds other files
            while folder:
                os.rmdir(self._path_of(folder))
                folder = os.path.dirname(folder)

    def _path_of(self, path: str) -> str:
        if not {"", ".", ".."}.isdisjoint(path.split("/")):
            raise ValueError(f"{path!r} may lead out of the site's folder")
        return os.path.join(self._folder, *path.split("/"))


def data_file(path: str, data: bytes) -> SiteFile:
    """A file whose content is known.

    Args:
        path: see `SiteFile`.
        data: all of it.
    """
    return SiteFile(path, hashlib.sha256(data).hexdigest(), partial(write_data, data=data))


def text_file(path: str, text: str) -> SiteFile:
    """The same for text."""
    return data_file(path, text.encode())


def write_data(path: str, data: bytes) -> None:
    """Write a new file."""
    with open(path, "xb") as file:
        file.write(data)


def link_or_copy(source: str, path: str) -> None:
    """Give a file a second name, or copy it where that cannot be: to another disk, or because it is somebody else's.

    Raises:
        DownloadError: it cannot be read.
    """
    try:
        os.link(source, path, follow_symlinks=False)
    except OSError:
        _copy(source, path)


def _copy(source: str, path: str) -> None:
    try:
        file = open(source, "rb", opener=_open_no_link)  # noqa: SIM115 - errors of reading and writing differ
    except OSError as error:
        raise DownloadError(f"cannot be read: {error.strerror}") from error
    with file:
        with open(path, "xb") as copy:
            shutil.copyfileobj(file, copy, _BLOCK_BYTES)
        found = os.fstat(file.fileno())
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)


def _shape_of(path: str) -> tuple[int, int]:
    """Length and time of change of a plain file; of anything else, what no file has."""
    with suppress(OSError):
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode):
            return found.st_size, found.st_mtime_ns
    return PENDING - 1, 0
