"""The source that is a folder on a server: in a bucket, over SSH and so on, as far as fsspec reads it."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from secrets import randbits
from typing import Any, Final

from photopipe.download.fetching.bucket import BucketSystem
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.fetching.remote_fetcher import RemoteFetcher
from photopipe.download.fetching.remote_system import RemoteAddress, call
from photopipe.download.fetching.source_errors import source_errors
from photopipe.download.sources.in_background import find_in_background
from photopipe.download.sources.pages import LookAt, find_photos
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.folder_walk import FolderWalk
from photopipe.download.sources.servers.listing import Entry, ListingPage
from photopipe.download.sources.source import Finding
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles
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
            SourceMissing: the server cannot be reached, or has no such folder.
            LoginRefused: it does not let us in.
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
        with source_errors(self.fetcher.address.shown):
            system, top = self.fetcher.address.open()
            info = call(system, stop, "info", top)
        if info["type"] == "directory":
            listing = _RemoteListing(self.storage, self.fetcher, stop, system, top)
            yield from FolderWalk(listing, self.selection).find()
        else:
            folder, _, name = f"{prefix}{top}".rpartition("/")
            photo = FoundPhoto(f"{prefix}{top}", *self.fetcher.identity_in(f"{prefix}{top}", info), self.storage)
            if not self.selection.is_in_shard(name):
                yield OtherFiles((), other_shards=1)
                return
            yield from find_photos(folder, [name], lambda _name: photo, self.selection.pairs)


@dataclass(frozen=True, slots=True)
class _RemoteListing:
    """The folder that was named, as it is listed.

    Attributes:
        storage: of the photos in it.
        fetcher: gets them.
        stop: ends every wait.
        system: the file system it is on.
        top: its path there.
    """

    storage: FetchedFiles
    fetcher: RemoteFetcher
    stop: StopToken
    system: Any
    top: str

    def shown(self, below: str) -> str:
        """See `Listing.shown`."""
        return f"{self.fetcher.address.prefix}{self._path(below)}"

    def pages(self, below: str) -> Iterator[ListingPage]:
        """The pages of a bucket as the service gives them; of other systems, all of a folder on one page."""
        own = self._path(below)
        with source_errors(self.shown(below)):
            if isinstance(self.system, BucketSystem):
                for infos, goes_on in call(self.system, self.stop, "pages", own):
                    yield ListingPage(_entries(infos, own), goes_on)
            else:
                yield ListingPage(_entries(call(self.system, self.stop, "ls", own or "/", detail=True), own))

    def check(self) -> None:
        """See `Listing.check`."""
        with source_errors(self.shown("")):
            call(self.system, self.stop, "info", self.top)

    def has(self, below: str, name: str) -> bool:
        """See `Listing.has`; only buckets have more pages than one."""
        with source_errors(self.shown(below)):
            return bool(call(self.system, self.stop, "has", f"{self.top}/{below}{name}"))

    def look_at(self, below: str, files: Mapping[str, Entry]) -> LookAt:
        """The photos by what the listing tells of them; nobody is asked again."""
        folder = self.shown(below)

        def look_at(name: str) -> FoundPhoto:
            path = f"{folder}/{name}"
            return FoundPhoto(path, *self.fetcher.identity_in(path, files[name].info), self.storage)

        return look_at

    def _path(self, below: str) -> str:
        return f"{self.top}/{below}".rstrip("/")


def _entries(infos: Iterable[Mapping[str, Any]], own: str) -> list[Entry]:
    """The files and folders in the folder with the path `own`, in order."""
    entries = [
        Entry(os.path.basename(path), info["type"] == "directory", info)
        for info in infos
        if info["type"] in {"directory", "file"}
        and (path := info["name"].rstrip("/")) != own  # buckets may have an object for a folder
    ]
    return sorted(entries, key=_NAME)


_NAME: Final = attrgetter("name")
