"""The source that is a folder or a file: photos are found folder by folder, in name order; none is opened."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from photopipe.download.file_names.groups import COMPANION_EXTENSIONS
from photopipe.download.file_names.name_order import NameOrder
from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.sources.pages import find_files, find_photos, local_files, with_others
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.errors import SourceMissing, UsageError
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import LocalFiles
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

ALL_PHOTOS = Selection()


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
            SourceMissing: it is not there, or lacks the file that `require_marker` names.
            UsageError: it is, or is inside, a gallery's folder.
        """
        self._status()
        self._check_marker()
        real_path = os.path.realpath(self.argument)
        if any(os.path.commonpath([folder, real_path]) == folder for folder in gallery_folders):
            raise UsageError(
                f"{self.argument}: is in the gallery's own folder. Give another gallery, or another source."
            )

    def find(self, selection: Selection = ALL_PHOTOS, _wakeup: Wakeup | None = None) -> Iterator[Finding]:
        """Find every photo. A source that is itself a file is taken whatever its name.

        Files of a folder come before its sub-folders, both in name order. What the selection does not want
        and folders of our own galleries are left out. Links are followed, unless the selection says
        otherwise, or they lead to a folder that is found anyway, or was.

        Raises:
            SourceMissing: the folder is not there, or went away while it was scanned.
        """
        if stat.S_ISDIR(self._status().st_mode):
            return scan_tree(selection, self.storage())
        folder, name = os.path.split(os.path.abspath(self.argument))
        if not selection.is_in_shard(name):
            return iter([OtherFiles((), other_shards=1)])
        return find_files(folder, [name], selection, FolderStorages().of(folder), with_photos=False)

    def storage(self) -> LocalFiles:
        """Where the photos of the folder are opened.

        Raises:
            SourceMissing: it is not there, or lacks the file that `require_marker` names.
        """
        status = self._status()
        self._check_marker()
        return LocalFiles(os.path.abspath(self.argument), status.st_dev)

    def _check_marker(self) -> None:
        """An empty mount point looks like an empty source; a file that is only on the mounted disk tells them apart."""
        marker = self.settings.require_marker
        if marker and not os.path.exists(os.path.join(self.argument, marker)):
            raise SourceMissing(
                f"{self.argument}: {marker} is not in this folder, so this is not the source that is meant. "
                "Is the card or disk in and mounted? --require-marker asks for that file."
            )

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


def scan_tree(
    selection: Selection,
    storage: LocalFiles,
    *,
    below: str | None = None,
    is_deep: bool = True,
    entering: Callable[[str], None] = lambda _folder: None,
) -> Iterator[Finding]:
    """Find the photos in a folder and in all folders below it; see `FolderSource.find`.

    Args:
        selection: which files are wanted.
        storage: where they are opened, if they are not on a card; knows the folder that is the source.
        below: a folder in the source; only what is in it is found, and nothing if it is gone.
        is_deep: False for the photos of one folder.
        entering: called with each folder before it is listed.

    Raises:
        SourceMissing: the source is not there, or went away while it was scanned.
    """
    top, storages = storage.top, FolderStorages(storage)
    real_top, start = os.path.realpath(top), len(os.path.join(top, ""))
    first, seen_linked = _first_folder(top, real_top, below or top), set[str]()
    waiting = [first] if _is_new(first, real_top, seen_linked) else []
    while waiting:
        folder = waiting.pop()
        try:
            entering(folder.path)
            listing = _list_folder(folder, os.path.join(folder.path, "")[start:], selection)
        except OSError as error:
            storage.check_source()
            if folder.path == top:
                raise SourceMissing(missing_message(top, error)) from error
            if folder.path != below or os.path.lexists(folder.path):
                yield UnreadablePath(folder.path, error.strerror or str(error))
            continue
        look_at = local_files(folder.path, storages.of(folder.path))
        found = find_photos(folder.path, listing.names, look_at, selection.pairs, extensions=listing.extensions)
        yield from with_others(found, listing.others)
        if is_deep:
            waiting += reversed([found for found in listing.folders if _is_new(found, real_top, seen_linked)])


def _first_folder(top: str, real_top: str, path: str) -> _Folder:
    real_path = os.path.realpath(path)
    return _Folder(path, real_path, is_linked=real_path != real_top + path[len(top) :])


@dataclass(frozen=True, slots=True)
class _Listing:
    """What is wanted of a folder.

    Attributes:
        names: of photos, and of files that may belong to them.
        extensions: of these names.
        folders: sub-folders.
        others: files that are no photos, by extension.
    """

    names: NameOrder = field(default_factory=NameOrder)
    extensions: set[str] = field(default_factory=set)
    folders: list[_Folder] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    def add_file(self, name: str, below: str, selection: Selection) -> None:
        if selection.shard is not None and selection.leaves(name, below, self.others):
            return
        extension = extension_of(name)
        if extension in selection.extensions:
            is_wanted = selection.include is None or selection.includes(name, below)
        else:
            self.others[extension] += 1
            is_wanted = extension in COMPANION_EXTENSIONS
        if is_wanted:
            self.names.add(name)
            self.extensions.add(extension)


def _list_folder(folder: _Folder, below: str, selection: Selection) -> _Listing:
    """List a folder; `below` is its path in the source, with a slash at its end unless it is empty."""
    listing = _Listing()
    with os.scandir(folder.path) as entries:
        for entry in entries:
            name = entry.name
            if name == GALLERY_MARKER:
                return _Listing()
            if not selection.follow and entry.is_symlink():
                continue
            if _is_folder(entry):
                if selection.wants_folder(name, below):
                    listing.folders.append(_sub_folder(folder, entry))
            elif selection.passes(name, below):
                listing.add_file(name, below, selection)
    listing.folders.sort()
    return listing


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
