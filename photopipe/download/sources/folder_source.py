"""The source that is a folder or a file: photos are found folder by folder, in name order; none is opened."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.sources.junk import is_junk
from photopipe.download.sources.name_order import NameOrder
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import SourceMissing, UsageError
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

ALL_PHOTOS = Selection()
PAGE_SIZE = 1000
"""Photos handed on at a time: enough to ask the journal cheaply, few enough to forget."""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The photos below a folder, or the one photo a file is.

    Attributes:
        argument: path of the folder or file.
        settings: how it is looked through.
    """

    argument: str
    settings: DownloadSettings = field(default_factory=DownloadSettings)

    def check(self, gallery_folders: Sequence[str]) -> None:
        """Make sure that the folder is there, and is not inside a gallery's.

        Raises:
            SourceMissing: it is not there.
            UsageError: it is, or is inside, a gallery's folder.
        """
        self._status()
        real_path = os.path.realpath(self.argument)
        if any(os.path.commonpath([folder, real_path]) == folder for folder in gallery_folders):
            raise UsageError(
                f"{self.argument}: is in the gallery's own folder. Give another gallery, or another source."
            )

    def find(self, selection: Selection = ALL_PHOTOS, _wakeup: Wakeup | None = None) -> Iterator[Finding]:
        """Find every photo.

        Files of a folder come before its sub-folders, both in name order. Hidden files, the usual junk
        and folders of our own galleries are left out. Links to folders are followed unless they lead
        to a folder that is found anyway, or was.

        Raises:
            SourceMissing: the folder is not there, or went away while it was scanned.
        """
        top = os.path.abspath(self.argument)
        if stat.S_ISDIR(self._status().st_mode):
            return _scan_tree(top, selection)
        return _pages(os.path.dirname(top), [os.path.basename(top)], FolderStorages().of(os.path.dirname(top)))

    def _status(self) -> os.stat_result:
        try:
            return os.stat(self.argument)
        except OSError as error:
            raise SourceMissing(missing_message(self.argument, error)) from error


def missing_message(source: str, error: OSError) -> str:
    """The message about a source that is not there."""
    return f"{source}: the source cannot be read: {error.strerror}. Is the card or disk in and mounted?"


class _Folder(NamedTuple):
    """A folder that is to be listed.

    Attributes:
        path: the way it was reached.
        real_path: the same without links.
        is_linked: True if a link was passed on the way.
    """

    path: str
    real_path: str
    is_linked: bool


def _scan_tree(top: str, selection: Selection) -> Iterator[Finding]:
    real_top, storages = os.path.realpath(top), FolderStorages(top)
    waiting, seen_linked = [_Folder(top, real_top, is_linked=False)], set[str]()
    while waiting:
        folder = waiting.pop()
        try:
            listing = _list_folder(folder, selection.extensions)
        except OSError as error:
            if folder.path == top:
                raise SourceMissing(missing_message(top, error)) from error
            yield UnreadablePath(folder.path, error.strerror or str(error))
            continue
        yield from _pages(folder.path, listing.names, storages.of(folder.path))
        if listing.others:
            yield OtherFiles(tuple(sorted(listing.others.items())))
        waiting += reversed([found for found in listing.folders if _is_new(found, real_top, seen_linked)])


@dataclass(frozen=True, slots=True)
class _Listing:
    names: NameOrder
    folders: list[_Folder]
    others: Counter[str]


def _list_folder(folder: _Folder, extensions: frozenset[str]) -> _Listing:
    names, folders, others = NameOrder(), [], Counter[str]()
    with os.scandir(folder.path) as entries:
        for entry in entries:
            name = entry.name
            if name == GALLERY_MARKER:
                return _Listing(NameOrder(), [], Counter())
            is_folder = _is_folder(entry)
            if is_junk(name, is_folder=is_folder):
                continue
            if is_folder:
                folders.append(_sub_folder(folder, entry))
            elif (extension := extension_of(name)) in extensions:
                names.add(name)
            else:
                others[extension] += 1
    folders.sort()
    return _Listing(names, folders, others)


def _sub_folder(parent: _Folder, entry: os.DirEntry[str]) -> _Folder:
    # Asking for the real path takes a call for each folder above: only for links, or deep trees take for ever.
    if entry.is_symlink():
        return _Folder(entry.path, os.path.realpath(entry.path), is_linked=True)
    return _Folder(entry.path, os.path.join(parent.real_path, entry.name), parent.is_linked)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in circles; looked at again, and reported, if its name is a photo's
        return False


def _is_new(folder: _Folder, real_top: str, seen_linked: set[str]) -> bool:
    """False for a folder behind a link that is also found without it, or by another link; so circles end."""
    if not folder.is_linked:
        return True
    if os.path.join(folder.real_path, "").startswith(os.path.join(real_top, "")) or folder.real_path in seen_linked:
        return False
    seen_linked.add(folder.real_path)
    return True


def _pages(folder: str, names: Iterable[str], storage: LocalFiles) -> Iterator[Finding]:
    remaining, prefix = iter(names), os.path.join(folder, "")
    while batch := list(islice(remaining, PAGE_SIZE)):
        photos: list[FoundPhoto] = []
        for name in batch:
            path = prefix + name
            try:
                status = os.stat(path)
            except OSError as error:
                if os.path.lexists(path):
                    yield UnreadablePath(path, error.strerror or str(error))
                continue
            if stat.S_ISREG(status.st_mode):
                photos.append(FoundPhoto(path, *storage.identity_of(status), storage))
        if photos:
            yield FolderPage(folder, photos)
