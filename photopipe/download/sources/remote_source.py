"""The source that is a folder on a server: in a bucket, over SSH and so on, as far as fsspec reads it."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import randbits
from typing import Any

from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.fetching.remote_fetcher import RemoteFetcher
from photopipe.download.fetching.remote_system import RemoteAddress, call, reason_of
from photopipe.download.file_names.groups import COMPANION_EXTENSIONS
from photopipe.download.sources.in_background import find_in_background
from photopipe.download.sources.pages import find_photos, with_others
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.errors import PhotopipeError, SourceMissing
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import FoundPhoto, Identity
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """The photos below a folder on a server, or the one photo a file there is.

    Attributes:
        argument: the address.
        settings: where photos are fetched to.
    """

    argument: str
    settings: DownloadSettings

    def check(self, _gallery_folders: Sequence[str]) -> None:
        """Make sure that the address can be understood, and that there is what it takes to read there.

        Raises:
            UsageError: it cannot, or there is not.
        """
        RemoteAddress.of(self.argument)

    def find(self, selection: Selection, wakeup: Wakeup) -> Iterator[Finding | None]:
        """Find every photo, folder by folder as in a folder here. Links are not followed.

        Raises:
            SourceMissing: the server cannot be reached, does not let us in, or has no such folder.
        """
        address = RemoteAddress.of(self.argument)
        fetcher = RemoteFetcher(address, self.settings.spool_folder, randbits(63))
        storage = FetchedFiles(fetcher, self.settings.spool_folder, self.settings.spool_bytes)
        return find_in_background(_Scan(fetcher, storage, selection).find, wakeup)


@dataclass(frozen=True, slots=True)
class _Scan:
    """A look at everything below an address."""

    fetcher: RemoteFetcher
    storage: FetchedFiles
    selection: Selection

    def find(self, stop: StopToken) -> Iterator[Finding]:
        """Find the photos; every call that a server answers ends when `stop` is set."""
        prefix = self.fetcher.address.prefix
        with _missing(self.fetcher.address.shown):
            system, top = self.fetcher.address.open()
            info = call(system, stop, "info", top)
        if info["type"] == "directory":
            yield from self._find_below(_Server(system, stop, f"{prefix}{top}", top))
        else:
            folder, _, name = f"{prefix}{top}".rpartition("/")
            photo = FoundPhoto(f"{prefix}{top}", *self.fetcher.identity_in(f"{prefix}{top}", info), self.storage)
            if not self.selection.is_in_shard(name):
                yield OtherFiles((), other_shards=1)
                return
            yield from find_photos(folder, [name], lambda _name: photo, self.selection.pairs)

    def _find_below(self, server: "_Server") -> Iterator[Finding]:
        waiting = [""]
        while waiting:
            below = waiting.pop()
            folder = f"{server.shown}/{below}".rstrip("/")
            try:
                with _missing(folder):
                    listing = self._list_folder(server, folder, below)
            except SourceMissing as error:
                if not below:
                    raise
                yield UnreadablePath(folder, reason_of(error.__cause__ or error))
                continue
            yield from self._photos_in(folder, listing)
            waiting += reversed(listing.folders)

    def _list_folder(self, server: "_Server", folder: str, below: str) -> "_Listing":
        listing = _Listing()
        for info in server.list_folder(below):
            name = os.path.basename(info["name"].rstrip("/"))
            if name == GALLERY_MARKER:
                return _Listing()
            if info["type"] == "directory":
                if self.selection.wants_folder(name, below):
                    listing.folders.append(f"{below}{name}/")
            elif info["type"] == "file" and listing.counts(name, below, self.selection):
                listing.files[name] = self.fetcher.identity_in(f"{folder}/{name}", info)
        listing.folders.sort()
        return listing

    def _photos_in(self, folder: str, listing: "_Listing") -> Iterator[Finding]:
        def look_at(name: str) -> FoundPhoto:
            return FoundPhoto(f"{folder}/{name}", *listing.files[name], self.storage)

        found = find_photos(folder, sorted(listing.files), look_at, self.selection.pairs)
        yield from with_others(found, listing.others)


@dataclass(frozen=True, slots=True)
class _Server:
    """The folder that was named, as it is read.

    Attributes:
        system: the file system it is on.
        stop: ends every wait.
        shown: the address as it may be shown.
        top: the folder's path in the system.
    """

    system: Any
    stop: StopToken
    shown: str
    top: str

    def list_folder(self, below: str) -> Iterator[Mapping[str, Any]]:
        """What is in a folder; `below` is its path in the source, with a slash at its end unless it is empty."""
        own = self._path(below)
        for info in call(self.system, self.stop, "ls", own or "/", detail=True):
            if info["name"].rstrip("/") != own:  # buckets may have an object for a folder
                yield info

    def _path(self, below: str) -> str:
        return f"{self.top}/{below}".rstrip("/")


@contextmanager
def _missing(shown: str) -> Iterator[None]:
    """What a library raises because a folder cannot be read, as `SourceMissing`."""
    try:
        yield
    except PhotopipeError:
        raise
    except Exception as error:
        raise SourceMissing(f"{shown}: the source cannot be read: {reason_of(error)}") from error


@dataclass(frozen=True, slots=True)
class _Listing:
    """What is wanted of a folder.

    Attributes:
        files: photos, sidecars and videos, by name.
        folders: to be looked into, each by its path in the source with a slash at its end.
        others: number of files that are no photos, by extension.
    """

    files: dict[str, Identity] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    def counts(self, name: str, below: str, selection: Selection) -> bool:
        """True if a file is a photo that is wanted, or may belong to one; what is no photo is counted."""
        extension = extension_of(name)
        if not selection.passes(name, below) or selection.leaves(name, below, self.others):
            return False
        if extension in selection.extensions:
            return selection.includes(name, below)
        self.others[extension] += 1
        return extension in COMPANION_EXTENSIONS
