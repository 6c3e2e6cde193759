"""A folder that a web server lists on a page of links."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from photopipe.download.fetching.address_lookup import AddressLookup, refused
from photopipe.download.fetching.http_reader import TRIES, HttpReader
from photopipe.download.fetching.index_page import MEDIA_TYPES, MOST_PAGE_BYTES, links_in
from photopipe.download.fetching.web_address import WebAddress
from photopipe.download.sources.pages import LookAt
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.folder_walk import FolderWalk
from photopipe.download.sources.servers.listing import Entry, ListingPage
from photopipe.download.sources.source import Finding
from photopipe.errors import AccessDenied, DownloadError, LoginRefused, RunStopped, SourceMissing
from photopipe.files.kinds import PHOTO_EXTENSIONS, extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.found_photo import FoundPhoto
from photopipe.settings import DownloadSettings
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

PAGE_NAMES: Final = 100
"""Files that the server is asked about before the first of them is handed on."""
MOST_LEVELS: Final = 40
"""Folders below each other; a server on which a link leads back up has no deepest one."""


def may_be_folder(address: WebAddress) -> bool:
    """True for an address that is worth asking whether it is a folder: it has no query, and no photo's name."""
    is_photo = extension_of(os.path.basename(address.path)) in PHOTO_EXTENSIONS
    return address.is_folder or not (is_photo or "?" in address.url)


class WebFolder:
    """The photos in and below a folder on a web server.

    Args:
        address: of the folder; the server may add the slash at its end.
        settings: where photos are fetched to.
        selection: which files are wanted.

    Attributes:
        is_photo: True if it turned out that the address is no folder.
    """

    def __init__(self, address: WebAddress, settings: DownloadSettings, selection: Selection) -> None:
        self._address = address
        self._settings = settings
        self._selection = selection
        self.is_photo = False

    def find(self, stop: StopToken) -> Iterator[Finding]:
        """Find the photos; nothing if the address is no folder.

        Raises:
            SourceMissing: the folder cannot be read.
            LoginRefused: the server does not let us read it.
        """
        wakeup = Wakeup()
        with HttpReader(stop) as reader:
            top = self._top(reader)
            if top is None:
                self.is_photo = True
                return
            with AddressLookup(self._settings, wakeup, folder=top) as lookup:
                listing = _WebListing(top, reader, lookup, wakeup, stop)
                yield from FolderWalk(listing, self._selection).find()

    def _top(self, reader: HttpReader) -> WebAddress | None:
        """The folder, at the address to which its server sends us; None if there is something else."""
        try:
            with _source_errors(self._address):
                media_type, url = reader.kind(self._address, tries=TRIES if self._address.is_folder else 1)
        except (SourceMissing, LoginRefused):
            if self._address.is_folder:
                raise
            return None
        top = self._address.elsewhere(url)
        if media_type not in MEDIA_TYPES or not top.is_folder:
            return None
        if not self._address.trusts(top):
            raise SourceMissing(
                f"{self._address.path}: the server sends us to another one. Name {top.folder_path}/ instead."
            )
        return top


class _WebListing:
    """The folder, as its server lists it.

    Args:
        top: its address.
        reader: reads the pages.
        lookup: asks about the files on them.
        wakeup: woken when it has found out.
        stop: ends every wait.
    """

    def __init__(
        self, top: WebAddress, reader: HttpReader, lookup: AddressLookup, wakeup: Wakeup, stop: StopToken
    ) -> None:
        self._folders = {"": top}
        self._reader = reader
        self._lookup = lookup
        self._wakeup = wakeup
        self._stop = stop

    def shown(self, below: str) -> str:
        """See `Listing.shown`."""
        return self._folders[below].folder_path

    def pages(self, below: str) -> Iterator[ListingPage]:
        """What the page of a folder links to, in order, a few names at a time."""
        links = self._links(below)
        folders = {f"{below}{name}": links[name] for name in links if name.endswith("/")}
        entries = [Entry(name.rstrip("/"), name.endswith("/"), links[name]) for name in links]
        entries.sort(key=lambda entry: entry.name)
        if any(entry.name == GALLERY_MARKER for entry in entries):
            return
        self._folders |= folders
        for start in range(0, len(entries), PAGE_NAMES):
            yield ListingPage(entries[start : start + PAGE_NAMES], goes_on=start + PAGE_NAMES < len(entries))
        for name in folders:
            del self._folders[name]

    def check(self) -> None:
        """See `Listing.check`."""
        with _source_errors(self._folders[""]):
            self._reader.kind(self._folders[""], tries=TRIES)

    def has(self, _below: str, _name: str) -> bool:
        """False: a gallery's folder is noticed before its first page is handed on."""
        return False

    def look_at(self, _below: str, files: Mapping[str, Entry]) -> LookAt:
        """The photos, by what their server says about each of them."""
        names = {entry.info.path: name for name, entry in files.items()}
        for entry in files.values():
            self._lookup.submit(entry.info)
        photos: dict[str, FoundPhoto] = {}
        with _woken_by(self._stop, self._wakeup):
            while (found := self._lookup.take()) is not None:
                photos.update((names[photo.path], photo) for photo in found)
                if self._stop.is_set():
                    raise RunStopped("stopped while a server was asked about photos")
                if not found:
                    self._wakeup.wait()
        return photos.get

    def _links(self, below: str) -> dict[str, WebAddress]:
        folder = self._folders[below]
        if below.count("/") > MOST_LEVELS:
            raise SourceMissing(f"is more than {MOST_LEVELS} folders below the source. Name it as a source of its own.")
        with _source_errors(folder):
            page = self._reader.page(folder, MOST_PAGE_BYTES)
            if page.media_type not in MEDIA_TYPES or folder.elsewhere(page.url).url != folder.url:
                raise DownloadError("its server lists no files at this address.")
        links = links_in(page.content, folder)
        return {name: links[name] for name in links if f"{name}/" not in links}


@contextmanager
def _woken_by(stop: StopToken, wakeup: Wakeup) -> Iterator[None]:
    forget = stop.on_set(wakeup.wake)
    try:
        yield
    finally:
        forget()


@contextmanager
def _source_errors(folder: WebAddress) -> Iterator[None]:
    """What a reader raises about a folder, as what is raised about a source."""
    try:
        yield
    except AccessDenied as error:
        raise refused(folder, error) from error
    except DownloadError as error:
        raise SourceMissing(f"{folder.folder_path}: the source cannot be read: {error}") from error
