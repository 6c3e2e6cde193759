"""The source that is a list of photos, `--files-from`: names, one a line, from a file or from another program."""

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from photopipe.download.file_systems.folder_storage import storage_in
from photopipe.download.sources.list_reader import ListReader
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import SourceMissing, UsageError
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import FoundPhoto, Identity, LocalFiles
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

STDIN: Final = "-"
NAMES_AT_A_TIME: Final = 1000
UNKNOWN: Final = Identity(0, 0, 0, 0, 0)
"""Of a photo that is not there; when it is opened, that is found out again and reported."""


@dataclass(frozen=True, slots=True)
class PathListSource:
    """The photos that a list names, in its order; it works while the list is still being written.

    Names are taken as they are, byte for byte; empty ones are passed over. Folders are passed over as well, because
    programs that list files list them, too. What is in a folder of our own galleries is left out, as in a scan.

    Attributes:
        argument: path of the list, or `-` for stdin.
        settings: how the names are separated.
    """

    argument: str
    settings: DownloadSettings

    def check(self, _gallery_folders: Sequence[str]) -> None:
        """Make sure that the list is there; nothing of it is read.

        Raises:
            SourceMissing: it is not.
            UsageError: it is a folder, or a terminal; or stdin is to be read twice.
        """
        if self.argument == STDIN:
            self._check_stdin()
            return
        try:
            status = os.stat(self.argument)
        except OSError as error:
            raise SourceMissing(f"{self.argument}: the list cannot be read: {error.strerror}.") from error
        if stat.S_ISDIR(status.st_mode):
            raise UsageError(f"{self.argument}: is a folder, not a list of photos. Name it as a source instead.")
        if not os.access(self.argument, os.R_OK):
            raise SourceMissing(f"{self.argument}: the list cannot be read: Permission denied.")

    def find(self, selection: Selection, wakeup: Wakeup) -> Iterator[Finding | None]:
        """Find the photos that are named so far; None while the list goes on but has nothing new.

        Raises:
            SourceMissing: the list could not be read to its end.
            UsageError: it is no list of names, or its names are separated in the other way.
        """
        separator = b"\0" if self.settings.null_separated else b"\n"
        with self._opened() as descriptor, ListReader(self._shown, descriptor, separator, wakeup) as reader:
            while (names := reader.take(NAMES_AT_A_TIME)) is not None:
                if names:
                    yield from _find_all(map(os.fsdecode, names), selection)
                else:
                    yield None

    @property
    def _shown(self) -> str:
        return "standard input" if self.argument == STDIN else self.argument

    def _check_stdin(self) -> None:
        if self.settings.lists.count(STDIN) > 1:
            raise UsageError("--files-from: standard input can be read only once")
        if sys.stdin is None:
            raise SourceMissing("--files-from -: standard input is closed")
        if os.isatty(0):
            raise UsageError(
                "--files-from -: standard input is a terminal. Pipe the names in, as in"
                " `find DIR -print0 | photopipe process -0 --files-from -`."
            )

    @contextmanager
    def _opened(self) -> Iterator[int]:
        if self.argument == STDIN:
            yield 0
            return
        try:
            # A FIFO nobody writes to yet must not be waited for here, where no stop would end the wait.
            descriptor = os.open(self.argument, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise SourceMissing(f"{self.argument}: the list cannot be read: {error.strerror}.") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _find_all(names: Iterator[str], selection: Selection) -> Iterator[Finding]:
    for folder, paths in groupby(map(_absolute, names), key=os.path.dirname):
        if not _is_in_gallery(folder):
            yield from _find_in(folder, dict.fromkeys(paths), selection)


def _absolute(name: str) -> str:
    """The name as a scan would spell it; `..` behind a link leads where the operating system says it does."""
    if ".." not in name.split("/"):
        return os.path.abspath(name)
    return os.path.join(os.path.realpath(os.path.dirname(name)), os.path.basename(name))


def _is_in_gallery(folder: str) -> bool:
    """True for what a gallery of ours has stored: a program that watches the folder it is in may list that as well."""
    while not os.path.lexists(os.path.join(folder, GALLERY_MARKER)):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True


def _find_in(folder: str, paths: dict[str, None], selection: Selection) -> Iterator[Finding]:
    photos: list[FoundPhoto] = []
    others, storage = Counter[str](), storage_in(folder, LocalFiles())
    for path in paths:
        try:
            found = _find_one(path, storage, selection, others)
        except OSError as error:
            yield UnreadablePath(path, error.strerror or str(error))
            continue
        if found is not None:
            photos.append(found)
    if photos:
        yield FolderPage(folder, photos)
    if others:
        yield OtherFiles(tuple(sorted(others.items())))


def _find_one(path: str, storage: LocalFiles, selection: Selection, others: Counter[str]) -> FoundPhoto | None:
    """The photo at a path, there or not; None for anything else, which is counted if it is a file."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return FoundPhoto(path, *UNKNOWN, storage)
    if stat.S_ISDIR(status.st_mode):
        return None
    extension = extension_of(os.path.basename(path))
    if extension not in selection.extensions:
        others[extension] += 1
        return None
    return FoundPhoto(path, *storage.identity_of(status), storage) if stat.S_ISREG(status.st_mode) else None
