"""How a photo is fetched from its http or https address."""

from dataclasses import dataclass

from photopipe.download.fetching.fetch_spool import stop_in
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.fetching.validators import Validators, number_of
from photopipe.download.fetching.web_address import WebAddress
from photopipe.found_photo import FoundPhoto, Identity
from photopipe.settings import DownloadSettings


@dataclass(frozen=True, slots=True)
class UrlFetcher:
    """Gets the photo at one address.

    A photo is recognised by what its server says about it: `ETag`, `Last-Modified` and the length. If it says neither
    of the first two, or something else each time, the photo looks like a new one in each run, is fetched, and is
    recognised by its content.

    Attributes:
        address: of the photo.
        spool_folder: where copies wait.
        mark: differs from run to run.
    """

    address: WebAddress
    spool_folder: str
    mark: int

    def identity(self, path: str) -> Identity:
        """What the server says now, if the answers to two kinds of questions agree."""
        from photopipe.download.fetching.http_reader import HttpReader

        with HttpReader(stop_in(self.spool_folder)) as reader:
            said = reader.ask(self.address)
            return self._agreed(path, said, reader.ask(self.address, by_get=True))

    def key(self, path: str) -> str:
        """The address without what is secret or changes each time."""
        return path

    def check_source(self) -> None:
        """Nothing: other photos may be on other servers, and a server that is down fails each of its photos."""

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        """Fetch the photo; what came is what the server says about it."""
        from photopipe.download.fetching.http_reader import TRIES, HttpReader

        with HttpReader(copy.stop) as reader:
            said = reader.ask(self.address, tries=TRIES)
            came = reader.get(self.address, copy)
            if said.contradicts(came):  # it was replaced meanwhile
                said = reader.ask(self.address)
            return self._agreed(path, said, came)

    def found(self, said: Validators, settings: DownloadSettings) -> FoundPhoto:
        """The photo, by what its server says about it."""
        storage = FetchedFiles(self, settings.spool_folder, settings.spool_bytes)
        return FoundPhoto(self.address.path, *said.identity(self._unknown(self.address.path)), storage)

    def _agreed(self, path: str, said: Validators, again: Validators) -> Identity:
        unknown = self._unknown(path)
        return unknown if said.contradicts(again) else said.identity(unknown)

    def _unknown(self, path: str) -> Identity:
        return Identity(0, number_of(f"{self.mark} {path}"), 0, 0, 0)
