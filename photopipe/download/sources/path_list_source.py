"""The source that is a list of photos, `--files-from`: names, one a line, from a file or from another program."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from photopipe.download.fetching.address_lookup import AddressLookup
from photopipe.download.fetching.web_address import IS_ADDRESS, WebAddress, without_secrets
from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.sources.list_reader import ListReader
from photopipe.download.sources.pages import find_files, other_files
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage, page_of
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
    Sidecars and videos beside a photo belong to it, whether they are listed or not.

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
        # Whoever lists a file wants it, hidden or not, and both halves of a pair if both are listed.
        selection = replace(selection, hidden=True, pairs="both")
        separator = b"\0" if self.settings.null_separated else b"\n"
        with (
            self._opened() as descriptor,
            ListReader(self._shown, descriptor, separator, wakeup) as reader,
            AddressLookup(self.settings, wakeup) as lookup,
        ):
            goes_on = is_asking = True
            while goes_on or is_asking:
                names = reader.take(NAMES_AT_A_TIME) if goes_on and not lookup.is_full else []
                goes_on = goes_on and names is not None
                yield from _find_all(map(os.fsdecode, names or ()), selection, lookup)
                photos = lookup.take()
                is_asking = photos is not None
                yield from map(page_of, photos or ())
                if not names and not photos and (goes_on or is_asking):
                    yield None

    @property
    def _shown(self) -> str:
        return "standard input" if self.argument == STDIN else self.argument

    def _check_stdin(self) -> None:
        if self.settings.lists.count(STDIN) > 1:
            raise UsageError("--files-from: standard input can be read only once")
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


def _find_all(names: Iterator[str], selection: Selection, lookup: AddressLookup) -> Iterator[Finding]:
    for folder, paths in groupby(map(_absolute, names), key=_folder_of):
        if folder is None:
            yield from _submit(paths, selection, lookup)
        elif not _is_in_gallery(folder):
            yield from _find_in(folder, list(dict.fromkeys(map(os.path.basename, paths))), selection)


def _folder_of(path: str) -> str | None:
    """The folder a file is in; None for an address."""
    return None if IS_ADDRESS.match(path) else os.path.dirname(path)


def _submit(addresses: Iterator[str], selection: Selection, lookup: AddressLookup) -> Iterator[Finding]:
    other_shards = 0
    for text in addresses:
        try:
            address = WebAddress.of(text)
        except UsageError as error:
            yield UnreadablePath(without_secrets(text), str(error))
            continue
        if selection.is_in_shard(address.path_in_host):
            lookup.submit(address)
        else:
            other_shards += 1
    if other_shards:
        yield OtherFiles((), other_shards)


def _absolute(name: str) -> str:
    """The name as a scan would spell it; `..` behind a link leads where the operating system says it does."""
    if IS_ADDRESS.match(name):
        return name
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


def _find_in(folder: str, names: Sequence[str], selection: Selection) -> Iterator[Finding]:
    below, storage = _below(folder), FolderStorages().of(folder)
    listed = _Listed(selection, below)
    for name in names:
        try:
            listed.add(os.path.join(folder, name), name)
        except OSError as error:
            yield UnreadablePath(os.path.join(folder, name), error.strerror or str(error))
    yield from find_files(folder, listed.photos, selection, storage, below=below, with_photos=False)
    if listed.missing:
        yield FolderPage(folder, listed.missing)
    if listed.others:
        yield other_files(listed.others)


@dataclass(frozen=True, slots=True)
class _Listed:
    """What the names in one folder are.

    Attributes:
        selection: which are wanted.
        below: path of the folder as patterns see it.
        photos: names of those that are wanted.
        missing: those that are not there.
        others: number of files that are no photos, by extension.
    """

    selection: Selection
    below: str
    photos: list[str] = field(default_factory=list)
    missing: list[FoundPhoto] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    def add(self, path: str, name: str) -> None:
        if self.selection.leaves(name, self.below, self.others):
            return
        try:
            mode = os.stat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            self.missing.append(FoundPhoto(path, *UNKNOWN, LocalFiles()))
            return
        extension = extension_of(name)
        if stat.S_ISDIR(mode):
            return
        if extension not in self.selection.extensions:
            self.others[extension] += 1
        elif stat.S_ISREG(mode) and self.selection.wants_path(self.below + name):
            self.photos.append(name)


def _below(folder: str) -> str:
    """The folder as `--include` and `--exclude` see it: below the working directory, or else from the root."""
    inside = os.path.join(folder, "").removeprefix(os.path.join(os.getcwd(), ""))
    return inside.lstrip("/")
