"""From changed paths to photos: only what changed is looked at, by the rules of a scan."""

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from photopipe.download.file_names.groups import stem_of
from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.sources.folder_source import scan_tree
from photopipe.download.sources.pages import find_files
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import LocalFiles

MANY_NAMES: Final = 50
"""Listing a folder of usual size costs less than looking for what belongs to so many files."""


def find_changed(
    paths: Iterable[str], selection: Selection, storage: LocalFiles, entering: Callable[[str], None]
) -> Iterator[Finding]:
    """Find the photos among changed files, with what belongs to them, and those in changed folders and below them.

    Args:
        paths: of files and folders in the source, which may be gone.
        selection: which files are wanted.
        storage: where they are opened, if they are not on a card; knows the folder that is the source.
        entering: called with each folder before it is listed.
    """
    folders, files = _told_apart(paths, follow=selection.follow)
    reach, storages = _Reach(storage.top, selection), FolderStorages(storage)
    for folder in sorted(folders):
        is_scanned = any(above in folders for above in _folders_above(folder, storage.top))
        if folder in reach and not is_scanned:
            yield from scan_tree(selection, storage, below=folder, entering=entering)
    for folder, names in files.items():
        if folder not in reach:
            continue
        if len(names) > MANY_NAMES:
            yield from scan_tree(selection, storage, below=folder, is_deep=False, entering=entering)
        else:
            yield from _find_named(folder, names, selection, storages.of(folder))


def _told_apart(paths: Iterable[str], *, follow: bool) -> tuple[set[str], dict[str, list[str]]]:
    """The folders, and the names of the files by the folder they are in."""
    folders, files = set[str](), defaultdict[str, list[str]](list)
    for path in paths:
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                if not follow:
                    continue
                mode = os.stat(path).st_mode
        except OSError:
            continue  # gone again, or a link that leads nowhere
        if stat.S_ISDIR(mode):
            folders.add(path)
        else:
            folder, name = os.path.split(path)
            files[folder].append(name)
    return folders, files


def _find_named(folder: str, names: list[str], selection: Selection, storage: LocalFiles) -> Iterator[Finding]:
    """The photos of all groups that changed: the other half of a pair may be waiting for this one."""
    below = os.path.join(folder, "")[len(os.path.join(storage.top, "")) :]
    photos = dict.fromkeys(name for name in names if selection.wants_photo(name, below))
    files = {_file(folder, name, storage) for name in photos} | {None}  # known ones, if capitals do not count
    for stem in {stem_of(name) for name in names if selection.passes(name, below)}:
        for other in (stem + ending for one in sorted(selection.extensions) for ending in (one, one.upper())):
            file = _file(folder, other, storage)
            if file not in files and selection.wants_photo(other, below):
                files.add(file)
                photos[other] = None
    yield from find_files(folder, list(photos), selection, storage, below=below, with_photos=True)


def _file(folder: str, name: str, storage: LocalFiles) -> tuple[int, int, str] | None:
    """The same for all spellings of a file's name, and another for each file; some file systems number no files."""
    try:
        identity = storage.identity_of(os.stat(os.path.join(folder, name)))
    except OSError:
        return None
    return identity.device, identity.inode, name.lower()


def _folders_above(path: str, top: str) -> Iterator[str]:
    while len(path) > len(top):
        path = os.path.dirname(path)
        yield path


class _Reach:
    """The folders that a scan looks into: no junk, hidden or excluded folder is on the way, and no gallery's.

    Args:
        top: the folder that is the source.
        selection: which folders are wanted.
    """

    def __init__(self, top: str, selection: Selection) -> None:
        self._start = len(os.path.join(top, ""))
        self._selection = selection
        self._known = {top: True}

    def __contains__(self, folder: str) -> bool:
        unknown = []
        while folder not in self._known:
            if len(folder) < self._start:
                return False  # not in the source
            unknown.append(folder)
            folder = os.path.dirname(folder)
        for inner in reversed(unknown):
            self._known[inner] = self._known[folder] and self._is_looked_into(inner)
            folder = inner
        return self._known[folder]

    def _is_looked_into(self, folder: str) -> bool:
        parent, name = os.path.split(folder)
        below = os.path.join(parent, "")[self._start :]
        return self._selection.wants_folder(name, below) and not os.path.lexists(os.path.join(folder, GALLERY_MARKER))
