"""Find photos in a folder tree: streaming, in name order within a folder, opening nothing."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from photopipe.download.junk import is_junk
from photopipe.download.name_order import NameOrder
from photopipe.errors import SourceMissing
from photopipe.files.kinds import PHOTO_EXTENSIONS, extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.photo import FoundPhoto, OtherFiles, UnreadablePath

PAGE_SIZE = 1000
"""Photos handed on at a time: enough to ask the journal cheaply, few enough to forget."""


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some photos of one folder, in name order.

    Attributes:
        folder: absolute path of the folder.
        photos: at least one, at most `PAGE_SIZE`.
    """

    folder: str
    photos: list[FoundPhoto]


Finding = FolderPage | OtherFiles | UnreadablePath


def scan(source: str, left_out: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Find every photo below a folder, or the one photo a file is.

    Files of a folder come before its sub-folders, both in name order. Hidden files, the usual junk
    and folders of our own galleries are left out. Links to folders are followed unless they lead
    back into the source, where their target is found anyway.

    Args:
        source: folder or file.
        left_out: extensions of photos that this run leaves alone, lower case with their dots.

    Returns:
        Pages of photos, and what could not be read, as it is found; never holds the whole list.

    Raises:
        SourceMissing: `source` is not there, or went away while it was scanned.
    """
    top = os.path.abspath(source)
    try:
        is_folder = stat.S_ISDIR(os.stat(top).st_mode)
    except OSError as error:
        raise SourceMissing(missing_message(source, error)) from error
    return _scan_tree(top, PHOTO_EXTENSIONS - left_out) if is_folder else _scan_file(top)


def missing_message(source: str, error: OSError) -> str:
    """What a person is told about a source that is not there."""
    return f"{source}: the source cannot be read: {error.strerror}. Is the card or disk in and mounted?"


def _scan_file(path: str) -> Iterator[Finding]:
    folder, name = os.path.split(path)
    yield from _pages(folder, [name])


def _scan_tree(top: str, extensions: frozenset[str]) -> Iterator[Finding]:
    real_top = os.path.join(os.path.realpath(top), "")
    seen_outside: set[str] = set()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            listing = _list_folder(folder, extensions)
        except OSError as error:
            if folder == top:
                raise SourceMissing(missing_message(top, error)) from error
            yield UnreadablePath(folder, error.strerror or str(error))
            continue
        yield from _pages(folder, listing.names)
        if listing.others:
            yield OtherFiles(tuple(sorted(listing.others.items())))
        waiting += reversed([path for path in listing.folders if _is_new(path, real_top, seen_outside)])


@dataclass(frozen=True, slots=True)
class _Listing:
    names: NameOrder
    folders: list[str]
    others: Counter[str]


def _list_folder(folder: str, extensions: frozenset[str]) -> _Listing:
    names, folders, others = NameOrder(), [], Counter[str]()
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name == GALLERY_MARKER:
                return _Listing(NameOrder(), [], Counter())
            is_folder = _is_folder(entry)
            if is_junk(name, is_folder=is_folder):
                continue
            if is_folder:
                folders.append(entry.path)
            elif (extension := extension_of(name)) in extensions:
                names.add(name)
            else:
                others[extension] += 1
    folders.sort()
    return _Listing(names, folders, others)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in circles; looked at again, and reported, if its name is a photo's
        return False


def _is_new(path: str, real_top: str, seen_outside: set[str]) -> bool:
    """False for a folder reached by a link that is found some other way, or was: so loops end."""
    real_path = os.path.realpath(path)
    if os.path.join(real_path, "").startswith(real_top):
        return not os.path.islink(path)
    if real_path in seen_outside:
        return False
    seen_outside.add(real_path)
    return True


def _pages(folder: str, names: Iterable[str]) -> Iterator[Finding]:
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
                photos.append(FoundPhoto.from_stat(path, status))
        if photos:
            yield FolderPage(folder, photos)
