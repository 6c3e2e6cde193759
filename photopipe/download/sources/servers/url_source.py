"""The source that is an http or https address, of a photo or of a folder that its server lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from photopipe.download.fetching.address_lookup import AddressLookup
from photopipe.download.fetching.web_address import WebAddress, without_secrets
from photopipe.download.sources.in_background import find_in_background
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.web_folder import WebFolder, may_be_folder
from photopipe.download.sources.source import Finding, page_of
from photopipe.errors import UsageError
from photopipe.photo import OtherFiles
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup


@dataclass(frozen=True, slots=True)
class UrlSource:
    """The photo at an address, whatever it is called there; or those in a folder, if a server lists one there.

    Attributes:
        argument: the address.
        settings: where the photo is fetched to.
    """

    argument: str
    settings: DownloadSettings

    def check(self, _gallery_folders: Sequence[str]) -> None:
        """Make sure that it is an address; nobody is asked for the photo yet.

        Raises:
            UsageError: it is none.
        """
        self._address()

    def find(self, selection: Selection, wakeup: Wakeup) -> Iterator[Finding | None]:
        """Ask the server about the photo, unless it belongs to another shard; or find those in the folder.

        Raises:
            SourceMissing: the address is a folder's, and cannot be read.
            LoginRefused: the server does not let us have it, and the run has no other source.
        """
        address = self._address()
        if may_be_folder(address):
            folder = WebFolder(address, self.settings, selection)
            yield from find_in_background(folder.find, wakeup)
            if not folder.is_photo:
                return
        if not selection.is_in_shard(address.path_in_host):
            yield OtherFiles((), other_shards=1)
            return
        is_whole_source = self.settings.sources == (self.argument,) and not self.settings.lists
        with AddressLookup(self.settings, wakeup, is_whole_source=is_whole_source) as lookup:
            lookup.submit(address)
            while (photos := lookup.take()) is not None:
                if photos:
                    yield from map(page_of, photos)
                else:
                    yield None

    def _address(self) -> WebAddress:
        try:
            return WebAddress.of(self.argument)
        except UsageError as error:
            raise UsageError(f"{without_secrets(self.argument)}: {error}. Write https://HOST/PATH.") from error
