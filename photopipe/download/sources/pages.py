"""Names in a folder -> pages of photos with what belongs to them; no file is opened."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

from photopipe.download.file_names.groups import (
    COMPANION_EXTENSIONS,
    Pairing,
    group_names,
    may_belong_together,
    names_beside,
    pairing,
    sidecars_of,
    stem_of,
)
from photopipe.download.sources.selection import OTHER_SHARDS, Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.files.kinds import SIDECAR_EXTENSION, VIDEO_EXTENSIONS, extension_of
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.photo import OtherFiles, UnclearPairs, UnreadablePath
from photopipe.settings import Pairs

PAGE_SIZE = 1000
"""Photos handed on at a time, and the rest of their group: enough to ask the journal cheaply, few enough to forget."""

LookAt = Callable[[str], FoundPhoto | UnreadablePath | None]
"""What is under a name: a file, something that cannot be read, or nothing that is a file."""


def local_files(folder: str, storage: LocalFiles) -> LookAt:
    """What there is under the names in a folder of this machine."""
    prefix = os.path.join(folder, "")

    def look_at(name: str) -> FoundPhoto | UnreadablePath | None:
        path = prefix + name
        try:
            status = os.stat(path)
        except OSError as error:
            return UnreadablePath(path, error.strerror or str(error)) if os.path.lexists(path) else None
        if not stat.S_ISREG(status.st_mode):
            return None
        return FoundPhoto(path, *storage.identity_of(status), storage)

    return look_at


def find_photos(
    folder: str, names: Iterable[str], look_at: LookAt, pairs: Pairs, *, extensions: Collection[str] | None = None
) -> Iterator[Finding]:
    """Find the photos of a folder, each with its companions.

    Args:
        folder: path of the folder.
        names: of photos, sidecars and videos, in order. Sidecars and videos without a photo are passed over.
        look_at: tells what is there.
        pairs: which half of a pair is wanted.
        extensions: those of the names, if they are known; then a folder in which nothing can belong together, as most
            are, costs much less.

    Yields:
        Pages of photos in order, of which one that is shown by another comes before that, on the same page; what
        cannot be read; at the end, whether some pairs were unclear.
    """
    if extensions is not None and not may_belong_together(extensions):
        return _find_single_photos(folder, names, look_at)
    return _find_groups(folder, names, look_at, pairs)


def _find_groups(folder: str, names: Iterable[str], look_at: LookAt, pairs: Pairs) -> Iterator[Finding]:
    pages = _Pages(folder, pairs)
    for group in group_names(names):
        photos: list[FoundPhoto] = []
        for name in group:
            if extension_of(name) not in COMPANION_EXTENSIONS:
                found = look_at(name)
                if isinstance(found, FoundPhoto):
                    photos.append(found)
                elif found is not None:
                    yield found
        if photos and len(group) > 1:
            others = _files(look_at, (name for name in group if extension_of(name) in COMPANION_EXTENSIONS))
            photos = pages.grouped(photos, others)
        if page := pages.add(photos):
            yield page
    yield from pages.rest()


def _find_single_photos(folder: str, names: Iterable[str], look_at: LookAt) -> Iterator[Finding]:
    """Find the photos of a folder in which nothing belongs together."""
    remaining = iter(names)
    while batch := list(islice(remaining, PAGE_SIZE)):
        found = [look_at(name) for name in batch]
        yield from (one for one in found if isinstance(one, UnreadablePath))
        if photos := [one for one in found if isinstance(one, FoundPhoto)]:
            yield FolderPage(folder, photos)


def find_files(
    folder: str, names: Sequence[str], selection: Selection, storage: LocalFiles, *, below: str = "", with_photos: bool
) -> Iterator[Finding]:
    """Find photos whose names are known, without listing their folder; their companions are looked for beside them.

    Args:
        folder: path of the folder, on this machine.
        names: of files that are photos, whatever the selection says; few enough to keep in memory.
        selection: which other files are wanted.
        storage: of the photos.
        below: path of the folder in the source, with a slash at its end unless it is empty.
        with_photos: whether other photos beside them count as halves of pairs. They are not yielded themselves.
    """
    pages, look_at = _Pages(folder, selection.pairs), local_files(folder, storage)
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(stem_of(name), []).append(name)
    for group in groups.values():
        found = [look_at(name) for name in dict.fromkeys(group)]
        yield from (one for one in found if isinstance(one, UnreadablePath))
        photos = [one for one in found if isinstance(one, FoundPhoto)]
        beside = dict.fromkeys(name for name in group for name in names_beside(name, with_photos=with_photos))
        wanted = (name for name in beside if name not in group and _may_belong(name, below, selection))
        others = _other_files(photos, _files(look_at, wanted))
        halves = [one for one in others if extension_of(one.name) not in COMPANION_EXTENSIONS]
        companions = [one for one in others if one not in halves]
        if page := pages.add([one for one in pages.grouped(photos + halves, companions) if one.name in group]):
            yield page
    yield from pages.rest()


def with_others(findings: Iterable[Finding], others: Counter[str]) -> Iterator[Finding]:
    """What was found in a folder, and at the end how many other files are left alone there.

    Args:
        findings: what was found.
        others: number of all files that are no photos, by extension, and of photos in other shards; changed. A
            sidecar of a photo is not left alone.
    """
    for finding in findings:
        if isinstance(finding, FolderPage):
            others[SIDECAR_EXTENSION] -= _sidecars_in(finding)
        yield finding
    if +others:
        yield other_files(others)


def other_files(counts: Counter[str]) -> OtherFiles:
    """What is said of the files that are left alone.

    Args:
        counts: as `others` of `with_others`.
    """
    by_extension = sorted((extension, count) for extension, count in (+counts).items() if extension != OTHER_SHARDS)
    return OtherFiles(tuple(by_extension), counts[OTHER_SHARDS])


def _sidecars_in(page: FolderPage) -> int:
    companions = (one.path for photo in page.photos if photo.companions for one in photo.companions)
    return len({path for path in companions if extension_of(path) == SIDECAR_EXTENSION})


class _Pages:
    """The pages of a folder, as they fill; a group is never on two of them."""

    def __init__(self, folder: str, pairs: Pairs) -> None:
        self._folder = folder
        self._pairs = pairs
        self._photos: list[FoundPhoto] = []
        self._unclear = 0
        self._example = ""

    def add(self, photos: list[FoundPhoto]) -> FolderPage | None:
        """Take the photos of a group; returns the page if they fill it."""
        self._photos += photos
        if len(self._photos) < PAGE_SIZE:
            return None
        page, self._photos = FolderPage(self._folder, self._photos), []
        return page

    def rest(self) -> Iterator[FolderPage | UnclearPairs]:
        """What is left at the end."""
        if self._photos:
            yield FolderPage(self._folder, self._photos)
        if self._unclear:
            yield UnclearPairs(self._unclear, self._example)

    def grouped(self, photos: list[FoundPhoto], others: list[FoundPhoto]) -> list[FoundPhoto]:
        """Give the photos of a group their companions; those that are shown by another come first."""
        pair = pairing([photo.name for photo in photos], self._pairs)
        if pair.is_unclear:
            self._unclear += 1
            self._example = self._example or photos[0].path
        return sorted((_with_companions(one, photos, others, pair) for one in photos), key=_is_taken)


def _with_companions(
    photo: FoundPhoto, photos: list[FoundPhoto], others: list[FoundPhoto], pair: Pairing
) -> FoundPhoto:
    """A photo of a group with what belongs to it: its sidecars, halves and videos."""
    shows, shown_by = photo.name == pair.taken, pair.taken if photo.name in pair.shown else None
    sidecars = sidecars_of(photo.name, [one.name for one in others])
    by_name = {one.name: one for one in others}
    halves = [one for one in photos if one.name == shown_by or (shows and one.name in pair.shown)]
    videos = [one for one in others if extension_of(one.name) in VIDEO_EXTENSIONS]
    return photo._replace(
        companions=(*(by_name[name] for name in sidecars), *halves, *videos),
        shown_by=halves[0].path if shown_by else None,
    )


def _is_taken(photo: FoundPhoto) -> bool:
    return photo.shown_by is None


def _files(look_at: LookAt, names: Iterable[str]) -> list[FoundPhoto]:
    return [found for found in map(look_at, names) if isinstance(found, FoundPhoto)]


def _may_belong(name: str, below: str, selection: Selection) -> bool:
    if not selection.passes(name, below):
        return False
    extension = extension_of(name)
    return extension in COMPANION_EXTENSIONS or (extension in selection.extensions and selection.includes(name, below))


def _other_files(known: list[FoundPhoto], found: list[FoundPhoto]) -> list[FoundPhoto]:
    """Those that are not a known file in another spelling, where capitals do not count."""
    seen = {_spelling(one) for one in known}
    others = []
    for one in found:
        if _spelling(one) not in seen:
            seen.add(_spelling(one))
            others.append(one)
    return others


def _spelling(photo: FoundPhoto) -> tuple[int, int, str]:
    """The same for all spellings of a file's name, and another for each file; some file systems number no files."""
    return photo.device, photo.inode, photo.name.lower()
