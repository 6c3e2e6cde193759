"""From changed paths to photos: only what changed is looked at, by the rules of a scan."""

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from photopipe.download.sources.folder_source import find_files, scan_tree
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import LocalFiles


def find_changed(
    paths: Iterable[str], selection: Selection, storage: LocalFiles, entering: Callable[[str], None]
) -> Iterator[Finding]:
    """Find the photos among changed files, and those in changed folders and below them.

    Args:
        paths: of files and folders in the source, which may be gone.
        selection: which files are wanted.
        storage: where they are opened; knows the folder that is the source.
        entering: called with each folder before it is listed.
    """
    top = storage.top
    folders, files = _told_apart(paths, follow=selection.follow)
    scanned = {folder for folder in folders if not any(above in folders for above in _folders_above(folder, top))}
    reach = _Reach(top, selection)
    for folder in sorted(scanned):
        if folder in reach:
            yield from scan_tree(top, selection, storage, entering=entering, below=folder)
    for folder, names in files.items():
        if folder in reach:
            yield from find_files(top, selection, storage, folder, names)


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
